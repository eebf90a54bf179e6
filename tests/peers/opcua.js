// A PackML machine behind node-opcua: the companion specification's own NodeSet, a trust list on disk, one policy.
// The settings are the argument, as JSON. Commands, one JSON object a line on standard input: {count: [made, rejected]},
// {trust: true}, which moves what was rejected to the trusted; each is answered by a line.
"use strict";
const crypto = require("crypto");
const fs = require("fs");
const path = require("path");
const readline = require("readline");
const opcua = require("node-opcua");

const settings = JSON.parse(process.argv[2]);
const made = { ProdProcessedCount: 1000, ProdDefectiveCount: 10 };
// What the server has to say goes beside the answers.
console.log = console.warn = console.info = (...words) => process.stderr.write(words.join(" ") + "\n");

function answer(value) {
  process.stdout.write(JSON.stringify(value) + "\n");
}

function addMachine(server) {
  const space = server.engine.addressSpace;
  const packml = space.getNamespaceIndex("http://opcfoundation.org/UA/PackML/");
  const own = space.registerNamespace("urn:fabricante:envasadora");
  const unit = space.findObjectType("PackMLBaseObjectType", packml).instantiate({
    browseName: "Envasadora",
    nodeId: `ns=${own.index};s=Envasadora`,
    namespace: own,
    organizedBy: space.rootFolder.objects,
    optionals: ["Admin.ProdProcessedCount", "Admin.ProdDefectiveCount"],
  });
  const countType = space.findDataType("PackMLCountDataType", packml);
  const admin = unit.getComponentByName("Admin", packml);
  return () => {
    for (const [name, total] of Object.entries(made)) {
      const counts = [
        space.constructExtensionObject(countType, { id: 1, name: "frasco", count: total % 500, accCount: total }),
        space.constructExtensionObject(countType, { id: 2, name: "outro", count: 7, accCount: 7 }),
      ];
      admin.getComponentByName(name, packml).setValueFromSource({
        dataType: opcua.DataType.ExtensionObject,
        arrayType: opcua.VariantArrayType.Array,
        value: counts,
      });
    }
  };
}

async function main() {
  const pki = new opcua.OPCUACertificateManager({
    rootFolder: settings.pki,
    automaticallyAcceptUnknownCertificate: false,
  });
  await pki.initialize();
  const server = new opcua.OPCUAServer({
    port: 0,
    host: "127.0.0.1",
    hostname: "127.0.0.1",
    resourcePath: "/planta",
    certificateFile: settings.certificate,
    privateKeyFile: settings.privateKey,
    serverInfo: { applicationUri: settings.uri },
    serverCertificateManager: pki,
    securityPolicies: [opcua.SecurityPolicy.Basic256Sha256],
    securityModes: [opcua.MessageSecurityMode.SignAndEncrypt],
    allowAnonymous: false,
    userManager: { isValidUser: (user, password) => user === settings.user && password === settings.password },
    nodeset_filename: [opcua.nodesets.standard, opcua.nodesets.packML],
    maxConnectionsPerEndpoint: 10,
    serverCapabilities: { maxSessions: settings.sessions },
  });
  await server.initialize();
  const publish = addMachine(server);
  publish();
  await server.start();
  answer({ port: server.endpoints[0].port });

  readline.createInterface({ input: process.stdin }).on("line", async (line) => {
    const command = JSON.parse(line);
    const rejected = path.join(settings.pki, "rejected");
    const names = command.trust ? fs.readdirSync(rejected) : [];
    for (const name of names) {
      await pki.trustCertificate(new crypto.X509Certificate(fs.readFileSync(path.join(rejected, name))).raw);
    }
    if (command.count) {
      made.ProdProcessedCount += command.count[0];
      made.ProdDefectiveCount += command.count[1];
      publish();
    }
    answer({ trusted: names.length });
  });
  process.stdin.on("end", () => process.exit(0));
}

main().catch((error) => {
  process.stderr.write(`${error.stack}\n`);
  process.exit(1);
});
