"""A year of a plant of 37 lines as the product leaves it in the database, written set by set, newest first.

One gateway seals every 5 s for all lines, four records a second each, a reject every third minute; 42 orders a day pass
through one filling and one packing line each and are closed, signed and told. What makes it large is exact: a file's
row with all its lines, a row of seconds per line and minute. Of a stretch longer than two days the files between its
first and its last day repeat the lines of the last day's (their bytes count, their instants do not): writing 230
million entries anew would take hours.
"""

import psycopg

DAY = 86_400
BATCH_SECONDS = 5
SEALS_A_DAY = DAY // BATCH_SECONDS
GATEWAY = "bench-1"
EPOCH = "0a" * 16
ORDERS_A_DAY = 42
SPARE = ("SPEP-EMB-EST07", "SPEP-EMB-H", "SPEP-EMB-I")
"""Lines whose last day has no order: there orders are opened late and lots are closed while it is measured."""

SETUP = """
insert into gateways (gateway) values (%(gateway)s);
insert into fontes_linha (linha_id, fonte, de) select linha_id, %(gateway)s, '2000-01-01Z' from linhas;
insert into produtos (produto_codigo) values ('07010012');
insert into etapas_familia (prefixo, etapa, apontada) values ('0701', 'EMBALAGEM', true);
insert into velocidades_nominais (linha_id, produto_codigo, de, velocidade, validade)
select linha_id, '07010012', '2000-01-01', 4000, '[2000-01-01,)' from linhas;
insert into epocas_gateway (gateway, epoca, ultima_seq_continua, maior_seq)
values (%(gateway)s, %(epoch)s, %(last)s, %(last)s);
insert into marcas_linha (linha_id, gateway, epoca, ate, estado)
select linha_id, %(gateway)s, %(epoch)s, to_timestamp(%(to)s), 'ok' from linhas;
"""

# Slots of a length that makes 42 orders a day on the lines of a stage; the order of both stages has the same number.
# Rejects fall on the first second of every third minute.
_ORDERS = """
create temp table trecho on commit drop as
select l.linha_id, l.etapa, lpad((slot * l.n + l.j)::text, 6, '0') as op,
    greatest(slot * l.tamanho, %(from)s) as de, least((slot + 1) * l.tamanho, %(to)s) as ate,
    (slot + 1) * l.tamanho > %(to)s and %(newest)s as aberta
from (
    select linha_id, etapa, row_number() over w - 1 as j, count(*) over (partition by etapa) as n,
        (%(day)s * count(*) over (partition by etapa) / %(orders)s)::bigint as tamanho
    from linhas window w as (partition by etapa order by linha_id)
) as l
cross join lateral generate_series(%(from)s / l.tamanho, (%(to)s - 1) / l.tamanho) as slot
where not (%(newest)s and l.linha_id = any(%(spare)s) and (slot + 1) * l.tamanho > %(to)s - %(day)s);

insert into lotes_producao (numero_op, numero_lote, produto_codigo, quantidade_planejada, status, criado_em)
select op, '26C' || op || 'A', '07010012', 40000, case when bool_or(aberta) then 'EM_ANDAMENTO' else 'CONCLUIDO' end,
    to_timestamp(min(de))
from trecho group by op
on conflict do nothing;
insert into periodos_ordem (numero_op, linha_id, intervalo, fator_producao, fator_rejeicao)
select op, linha_id, tstzrange(to_timestamp(de), case when not aberta then to_timestamp(ate) end),
    interno.fator(linha_id, 'producao', to_timestamp(de)), 1
from trecho;
insert into ordens_producao_ativas as o (
    numero_op, linha_id, producao_acumulada, rejeicao_acumulada, producao_maquina, rejeicao_maquina, primeira_contagem,
    ultima_contagem, atualizado_em
)
select op, linha_id, (ate - de) * 4 * interno.fator(linha_id, 'producao', to_timestamp(de)), r.n, (ate - de) * 4, r.n,
    to_timestamp(de), to_timestamp(ate - 1), to_timestamp(ate)
from trecho
cross join lateral (select ceil(ate / 180.0) - ceil(de / 180.0) as n) as r
on conflict (numero_op, linha_id) do update set
    producao_acumulada = o.producao_acumulada + excluded.producao_acumulada,
    rejeicao_acumulada = o.rejeicao_acumulada + excluded.rejeicao_acumulada,
    producao_maquina = o.producao_maquina + excluded.producao_maquina,
    rejeicao_maquina = o.rejeicao_maquina + excluded.rejeicao_maquina, primeira_contagem = excluded.primeira_contagem;
"""

# Closed, told and trailed; a signature per line and shift. Texts of about the length of real ones.
_PAPERS = """
create temp table turnos_op on commit drop as
select t.op, t.linha_id, t.etapa, to_timestamp(32400 + 43200 * k) as inicio,
    4 * (least(t.ate, 32400 + 43200 * (k + 1)) - greatest(t.de, 32400 + 43200 * k)) as feitas
from trecho as t cross join lateral generate_series((t.de - 32400) / 43200, (t.ate - 1 - 32400) / 43200) as k
where exists (select from lotes_producao as l where l.numero_op = t.op and l.status = 'CONCLUIDO');
insert into fechamentos_lote (
    numero_op, numero_lote, produto_codigo, etapa, produzidas, refugo, amostras, boas, contador_final, inicio, fim,
    assinaturas, fechado_em, informado
)
select op, '26C' || op || 'A', '07010012', 'ENVASE', sum(feitas), 0, 0, sum(feitas), sum(feitas), min(inicio),
    max(inicio) + interval '12 hours', '{1,2}', max(inicio) + interval '13 hours', true
from turnos_op group by op
on conflict do nothing;
insert into fechamento_totais (fechamento_id, etapa, linha_id, inicio, data, turno, tipo, codigo, quantidade, maquina)
select f.id, t.etapa, t.linha_id, t.inicio, t.inicio::date, 'D1', k.tipo, k.codigo, t.feitas, t.feitas
from turnos_op as t
inner join fechamentos_lote as f on f.numero_op = t.op
cross join (values ('PRODUZIDA', ''), ('REFUGO', 'MAQUINA')) as k (tipo, codigo)
on conflict do nothing;
insert into apuracoes_fechamento (numero_op, apurada_em)
select numero_op, fechado_em from fechamentos_lote on conflict do nothing;
insert into envios_totvs (
    numero_op, ordem, id_externo, tipo, conteudo, situacao, proxima_em, resposta, criado_em, concluido_em
)
select f.numero_op, k.ordem, format('SF-%%s-%%s-0001', f.numero_op, k.tipo), k.tipo,
    to_jsonb(f) - 'assinaturas' - 'ressalvas', 'CONFIRMADO', null, '{"numero": "000123456"}', f.fechado_em, f.fechado_em
from fechamentos_lote as f cross join (values (1, 'PRODUCAO'), (2, 'STATUS')) as k (ordem, tipo)
on conflict do nothing;
insert into tentativas_integracao (
    em, sistema, sentido, operacao, metodo, url, status_http, latencia_ms, resultado, correlacao, bytes_enviados,
    bytes_recebidos, envio_id, corpo, resposta
)
select e.criado_em, 'TOTVS', 'SAIDA', lower(e.tipo), 'POST', 'https://totvs.fabrica.local:8089/rest/producao', 201, 180,
    'OK', e.id_externo, 500, 80, e.id, e.conteudo::text, e.resposta
from envios_totvs as e where e.criado_em >= to_timestamp(%(from)s) and e.criado_em < to_timestamp(%(to)s);
insert into trilha_auditoria (em, usuario_id, papel, acao, objeto, antes, depois, motivo)
select to_timestamp(t.de), gen_random_uuid(), 'OPERADOR', a.acao, 'periodos_ordem:' || p.id, to_jsonb(p), to_jsonb(p),
    null
from trecho as t
inner join periodos_ordem as p on p.numero_op = t.op and p.linha_id = t.linha_id
cross join (values ('abrir_ordem'), ('encerrar_ordem')) as a (acao);
insert into diarios_bordo (
    linha_id, data, turno, janela, conteudo, usuario_id, nome, papel, significado, autenticado_em, assinado_em, origem,
    sha256
)
select l.linha_id, (j.de - interval '3 hours')::date, case when extract(hour from j.de) = 9 then 'D1' else 'N1' end,
    tstzrange(j.de, j.de + interval '12 hours'), jsonb_build_object('ordens', (
        select jsonb_agg(to_jsonb(t)) from turnos_op as t where t.linha_id = l.linha_id and t.inicio = j.de
    )), gen_random_uuid(), 'Maria das Dores', 'SUPERVISOR', 'Conferi e aprovo este Diário de Bordo.', j.de, j.de,
    '{"endereco": "10.0.0.7", "programa": "Mozilla/5.0"}', repeat('0', 64)
from linhas as l
cross join generate_series(
    to_timestamp(((%(from)s - 32400) / 43200 + 1) * 43200 + 32400), to_timestamp(%(to)s - 129600), interval '12 hours'
) as j (de)
on conflict do nothing;
"""

_MINUTES = """
insert into contagens_minuto (
    linha_id, minuto, producao, rejeicao, total_producao, total_rejeicao, sem_ordem_producao, sem_ordem_rejeicao
)
select l.linha_id, to_timestamp(m), array_fill(4, array[60]),
    case when m %% 180 = 0 then 1 || array_fill(0, array[59]) end, 240, (m %% 180 = 0)::integer,
    case when s.sem then 240 else 0 end, case when s.sem then (m %% 180 = 0)::integer else 0 end
from generate_series(%(from)s, %(to)s - 1, 60) as m
cross join linhas as l
cross join lateral (select %(newest)s and l.linha_id = any(%(spare)s) and m >= coalesce((
    select max(t.ate) from trecho as t where t.linha_id = l.linha_id
), %(from)s) as sem) as s;
"""

# %(linhas)s: a file's lines, with # for the millisecond of the first and @ for that of the last record.
_FILES = """
insert into arquivos_ingeridos (
    bucket, chave, tamanho, sha256, gravado_em, tipo, gateway, epoca, seq, linhas, de, ate, registros, situacao,
    ingerido_em
)
select 'sicfar-contagens', k.chave, 2889, encode(sha256(k.chave::bytea), 'hex'), to_timestamp(s + 5), 'gateway',
    %(gateway)s, %(epoch)s, k.seq,
    replace(replace(%(linhas)s, '#', i.de), '@', i.ate)::jsonb, to_timestamp(s), to_timestamp(s + 4.75), 740,
    'APLICADO', to_timestamp(s + 5)
from generate_series(%(from)s, %(to)s - 1, 5) as s
cross join lateral (select (s - %(begin)s) / 5 + 1 as seq) as q
cross join lateral (
    select q.seq, 'contagens/' || %(gateway)s || '/' || %(epoch)s || to_char(to_timestamp(s), '/YYYY/MM/DD/')
        || lpad(q.seq::text, 12, '0') || '-' || left(md5(s::text), 16) || '.txt.gz' as chave
) as k
cross join lateral (
    select to_char(to_timestamp(s), 'YYYY-MM-DD"T"HH24:MI:SS"+00:00"') as de,
        to_char(to_timestamp(s), 'YYYY-MM-DD"T"HH24:MI:SS".75+00:00"') as ate
) as i;
"""
# The same files, %(days)s days earlier; what is compressed is copied as it is.
_FILES_AGAIN = """
insert into arquivos_ingeridos (
    bucket, chave, tamanho, sha256, gravado_em, tipo, gateway, epoca, seq, linhas, de, ate, registros, situacao,
    ingerido_em
)
select a.bucket,
    left(a.chave, 50) || to_char(a.de - d.dias, '/YYYY/MM/DD/') || lpad(d.seq::text, 12, '0') || right(a.chave, 24),
    a.tamanho, encode(sha256((a.sha256 || d.seq)::bytea), 'hex'), a.gravado_em - d.dias, a.tipo, a.gateway, a.epoca,
    d.seq, a.linhas, a.de - d.dias, a.ate - d.dias, a.registros, a.situacao, a.ingerido_em - d.dias
from arquivos_ingeridos as a
cross join lateral (select %(days)s * interval '1 day' as dias, a.seq - %(days)s * 17280 as seq) as d
where a.gateway = %(gateway)s and a.epoca = %(epoch)s and a.seq > %(seq)s and a.seq <= %(seq)s + 17280
order by a.seq;
"""


def lay(url: str, *, begin: int, start: int, end: int, newest: bool, sealed_lines: str) -> None:
    """Write [start, end), seconds since the epoch; sequences count from `begin`; orders stay open if it is the newest.

    `sealed_lines`: what a file's row says of its lines, as the product wrote it, `#` and `@` for the instants.
    """
    values = {
        "gateway": GATEWAY, "epoch": EPOCH, "begin": begin, "from": start, "to": end, "newest": newest,
        "day": DAY, "orders": ORDERS_A_DAY, "spare": list(SPARE), "linhas": sealed_lines,
    }  # fmt: skip
    with psycopg.connect(url) as database, psycopg.ClientCursor(database) as cursor:
        cursor.execute("set local session_replication_role = replica")  # no trigger, no foreign key is asked
        cursor.execute("set local timezone = 'UTC'")
        cursor.execute(_ORDERS.encode(), values)
        cursor.execute(_PAPERS.encode(), values)
        cursor.execute(_MINUTES.encode(), values)
        exact = [(start, end)] if end - start <= 2 * DAY else [(start, start + DAY), (end - DAY, end)]
        for first, last in exact:
            cursor.execute(_FILES.encode(), {**values, "from": first, "to": last})
        if len(exact) == 2:
            seq = (end - DAY - begin) // BATCH_SECONDS
            for days in range((end - start) // DAY - 2, 0, -1):
                cursor.execute(_FILES_AGAIN.encode(), {**values, "seq": seq, "days": days})
