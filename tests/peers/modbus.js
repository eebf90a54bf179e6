// A Modbus TCP device by jsmodbus; and one by modbus-serial at the port in the argument, which is busy below address 200
// and has none above. Commands, one JSON object a line on standard input: {set: {address, words}}, {mood: name}; each is
// answered by a line. The moods spoil on the wire what jsmodbus answers.
"use strict";
const net = require("net");
const readline = require("readline");
const { server } = require("jsmodbus");
const { ServerTCP } = require("modbus-serial");

const LOOPBACK = "127.0.0.1";
const REGISTERS = 400;
const [NO_ADDRESS, BUSY] = [2, 6];
let mood = "well";

const spoiled = {
  well: (socket, frame) => [frame],
  unit: (socket, frame) => {
    frame[6] += 1;
    return [frame];
  },
  transaction: (socket, frame) => {
    frame[1] ^= 0x55;
    return [frame];
  },
  protocol: (socket, frame) => [Buffer.concat([Buffer.from("FINS"), frame])],
  half: (socket, frame) => [frame.subarray(0, frame.length - 3)],
  hangup: (socket) => {
    socket.destroy();
    return [];
  },
  silent: () => [],
};

const device = net.createServer((socket) => {
  const write = socket.write.bind(socket);
  socket.write = (frame, ...more) => {
    for (const part of spoiled[mood](socket, Buffer.from(frame))) write(part, ...more);
    return true;
  };
  socket.on("error", () => socket.destroy());
});
const holding = Buffer.alloc(2 * REGISTERS);
new server.TCP(device, { holding, input: holding });

const refuse = (address, length, unit, reply) => reply({ modbusErrorCode: address < 200 ? BUSY : NO_ADDRESS, msg: "" });
const refusing = new ServerTCP(
  { getMultipleHoldingRegisters: refuse, getMultipleInputRegisters: refuse },
  { host: LOOPBACK, port: JSON.parse(process.argv[2]), unitID: 1 },
);

function answer(value) {
  process.stdout.write(JSON.stringify(value) + "\n");
}

refusing.on("initialized", () => device.listen(0, LOOPBACK, () => answer({ port: device.address().port })));

readline.createInterface({ input: process.stdin }).on("line", (line) => {
  const command = JSON.parse(line);
  if (command.mood) mood = command.mood;
  if (command.set) command.set.words.forEach((word, place) => holding.writeUInt16BE(word, 2 * (command.set.address + place)));
  answer({});
});
process.stdin.on("end", () => process.exit(0));
