"""Mutants that change nothing anybody can see, by key, each with the reason."""

EQUIVALENT: dict[str, str] = {
    "interno.duvidar | ⟦inner⟧ join public.periodos_ordem as p on p.numero_op = e.numero_op → left": (
        "an order that was never opened begins before no restoration, with a row of nulls as without one"
    ),
    "interno.segundos_contados | where c.linha_id = p_linha_id and ⟦c.minuto in (date_trunc('minute', p_de), date_trunc('minute', p_ate))⟧ → true": (
        "the two minutes that a window cuts; of the others whole ones are left out below, and no second of the rest is in it"
    ),
    "interno.atribuicao | and ⟦i.ate >= p_de⟧ and i.desde < p_ate + interval '1 second' → true": (
        "spans beside the window are the same before a change and after it, and only the difference is used"
    ),
    "interno.atribuicao | and i.ate >= p_de and ⟦i.desde < p_ate + interval '1 second'⟧ → true": (
        "spans beside the window are the same before a change and after it, and only the difference is used"
    ),
    "interno.intervalos_a_situar | where a.linha_id = p_linha_id and a.ate >= p_de and ⟦a.desde < p_ate + interval '1 second'⟧ → true": (
        "what is beside the window is found as it is"
    ),
    "interno.intervalos_a_situar | where a.linha_id = p_linha_id and a.ate >= p_de and a.desde ⟦<⟧ p_ate + interval '1 second' → <=": (
        "what is beside the window is found as it is"
    ),
    "interno.reatribuir | where a.linha_id = p_linha_id and a.minuto > p_de - interval '1 minute' and a.minuto ⟦<⟧ p_ate → <=": (
        "what is beside the window is found as it is"
    ),
    "interno.apurar_ajustes | select ⟦max⟧(t.etapa) as etapa, t.linha_id, t.inicio, max(t.data) as data, max(t.turno) as turno, t.tipo, t.codigo, → min": (
        "a line has one stage"
    ),
    "interno.apurar_ajustes | select max(t.etapa) as etapa, t.linha_id, t.inicio, ⟦max⟧(t.data) as data, max(t.turno) as turno, t.tipo, t.codigo, → min": (
        "a shift begins on one day"
    ),
    "interno.criar_parciais | and ⟦exists (select from public.ordens_producao_ativas as o where o.numero_op = l.numero_op and o.producao_acumulada > 0)⟧ → true": (
        "spares the sums of orders that made nothing, of which nothing is new"
    ),
    "interno.travar_linhas | perform from public.linhas where ⟦linha_id = any(p_linhas)⟧ order by linha_id for no key update; → true": (
        "all lines locked are slower, not wrong"
    ),
    "interno.travar_linhas | perform from public.linhas where linha_id = any(p_linhas) order by linha_id⟦⟧ for no key update; → desc": (
        "whoever locks several lines does it here: one order is as good as the other"
    ),
    "interno.segundos_contados | and (u.producao ⟦>⟧ 0 or u.rejeicao > 0) → >=": "seconds of nothing add nothing",
    "interno.atribuicao | p_linha_id, greatest(lower(p.intervalo), p_de), least(coalesce(upper(p.intervalo)⟦, 'infinity'⟧), p_ate) → ∅": "least() leaves out what is null",
    "interno.atribuicao | where p.linha_id = p_linha_id and ⟦p.intervalo && tstzrange(p_de, p_ate)⟧ → true": (
        "a period beside the window, cut to it, ends before it begins: no second is in it"
    ),
    "interno.segundos_contados | select coalesce(u.producao⟦, 0⟧)::bigint, coalesce(u.rejeicao, 0)::bigint → ∅": (
        "sum() leaves out what is null, and nothing at all is taken for 0 in the difference"
    ),
    "interno.segundos_contados | select coalesce(u.producao, 0)::bigint, coalesce(u.rejeicao⟦, 0⟧)::bigint → ∅": (
        "sum() leaves out what is null, and nothing at all is taken for 0 in the difference"
    ),
    "interno.extremos | where m.linha_id = p_linha_id and ⟦m.minuto > lower(p.intervalo) - interval '1 minute'⟧ → true": (
        "only spares minutes beside the period: of each second it is asked whether the period holds it"
    ),
    "interno.extremos | where m.linha_id = p_linha_id and m.minuto ⟦>⟧ lower(p.intervalo) - interval '1 minute' → >=": (
        "only spares minutes beside the period: of each second it is asked whether the period holds it"
    ),
    "interno.extremos | and ⟦m.minuto < coalesce(upper(p.intervalo), 'infinity')⟧ → true": (
        "only spares minutes beside the period: of each second it is asked whether the period holds it"
    ),
    "interno.extremos | and m.minuto ⟦<⟧ coalesce(upper(p.intervalo), 'infinity') → <=": (
        "only spares minutes beside the period: of each second it is asked whether the period holds it"
    ),
    "interno.extremos | where m.linha_id = p_linha_id and ⟦m.minuto > lower(p.intervalo) - interval '1 minute'⟧ → true (2)": (
        "only spares minutes beside the period: of each second it is asked whether the period holds it"
    ),
    "interno.extremos | where m.linha_id = p_linha_id and m.minuto ⟦>⟧ lower(p.intervalo) - interval '1 minute' → >= (2)": (
        "only spares minutes beside the period: of each second it is asked whether the period holds it"
    ),
    "interno.extremos | and ⟦m.minuto < coalesce(upper(p.intervalo), 'infinity')⟧ → true (2)": (
        "only spares minutes beside the period: of each second it is asked whether the period holds it"
    ),
    "interno.extremos | and m.minuto ⟦<⟧ coalesce(upper(p.intervalo), 'infinity') → <= (2)": (
        "only spares minutes beside the period: of each second it is asked whether the period holds it"
    ),
    "interno.intervalos_a_situar | where a.linha_id = p_linha_id and ⟦a.ate >= p_de⟧ and a.desde < p_ate + interval '1 second' → true": (
        "what is beside the window is found as it is"
    ),
    "interno.reatribuir | where o.linha_id = a.linha_id and ⟦o.intervalo && tstzrange(a.minuto, a.minuto + interval '1 minute')⟧ → true": (
        "a period beside the minute holds none of its seconds"
    ),
    "interno.reatribuir | where a.linha_id = p_linha_id and ⟦a.minuto > p_de - interval '1 minute'⟧ and a.minuto < p_ate → true": (
        "what is beside the window is found as it is"
    ),
    "interno.reatribuir | where a.linha_id = p_linha_id and a.minuto ⟦>⟧ p_de - interval '1 minute' and a.minuto < p_ate → >=": (
        "what is beside the window is found as it is"
    ),
    "interno.reatribuir | where a.linha_id = p_linha_id and a.minuto > p_de - interval '1 minute' and ⟦a.minuto < p_ate⟧ → true": (
        "what is beside the window is found as it is"
    ),
    "interno.atribuicao_json | select coalesce(jsonb_agg(to_jsonb(a))⟦, '[]'⟧) from interno.atribuicao(p_linha_id, p_de, p_ate) as a → ∅": (
        "reatribuir takes null, as an empty list, for nothing"
    ),
    "interno.atribuicao | and i.ate >= p_de and i.desde ⟦<⟧ p_ate + interval '1 second' → <=": (
        "spans beside the window are the same before a change and after it, and only the difference is used"
    ),
    "interno.segundos_contados | and ⟦(u.producao > 0 or u.rejeicao > 0)⟧ → true": "seconds of nothing add nothing",
    "interno.segundos_contados | and (u.producao > 0 or u.rejeicao ⟦>⟧ 0) → >=": "seconds of nothing add nothing",
    "interno.proteger_envio | or (old.situacao = 'CONFIRMADO' and ⟦new.situacao <> 'CONFIRMADO'⟧) then → true": (
        "no function writes to a confirmed report"
    ),
    "interno.anotar_passagem | where nome = p_nome and (⟦estado <> 'FECHADO'⟧ or falhas > 0) → false": (
        "what opens the breaker is a failure, which is counted"
    ),
    "interno.segundos_do_minuto | p_minuto.minuto + (u.i - 1) * interval '1 second', coalesce(u.producao⟦, 0⟧), coalesce(u.rejeicao, 0), → ∅": (
        "sums leave out null, and a minute that has no counts of a kind has none of it justified"
    ),
    "interno.segundos_do_minuto | p_minuto.minuto + (u.i - 1) * interval '1 second', coalesce(u.producao, 0), coalesce(u.rejeicao⟦, 0⟧), → ∅": (
        "sums leave out null, and a minute that has no counts of a kind has none of it justified"
    ),
    "public.disjuntor_aberto | select from public.disjuntores where nome = p_nome and ⟦estado <> 'FECHADO'⟧ and sonda_em > clock_timestamp() → true": (
        "the table refuses a closed breaker that has an instant for a probe"
    ),
    "public.reivindicar_envio | if ⟦v_envio.situacao = 'ENVIANDO'⟧ and v_envio.lease_ate > clock_timestamp() then → true": (
        "the end of a lease is set with the lease and cleared with it, and only a report that is being sent has one"
    ),
    "interno.reatribuir | ⟦left⟧ join lateral ( → inner": "a sum without grouping is one row, of nothing too",
    "public.concluir_envio | v_meu := ⟦v_envio.situacao = 'ENVIANDO'⟧ and v_envio.lease = (v_c ->> 'lease')::uuid; → true": (
        "the table refuses a lease on a report that is not being sent"
    ),
    "public.campainhas_totvs | order by e.numero_op⟦⟧, e.ordem → desc": "only the first report of each order is taken; which order goes first is decided after",
    "public.campainhas_totvs | or ⟦c.situacao = 'ENVIANDO'⟧ and c.lease_ate <= clock_timestamp()) → true": (
        "the end of a lease is set with the lease and cleared with it, and only a report that is being sent has one"
    ),
    "public.motivos_falhas | order by f.mensagem_id⟦⟧, f.id desc → desc": "the keys of an object have no order",
    "interno.duvidar | ⟦inner⟧ join public.restauracoes as r on lower(p.intervalo) < r.declarada_em → left": "of nulls bool_or() is null, as of no rows",
    "interno.situar_intervalo | ⟦max⟧(p.numero_op) as numero_op, → min": "without a boundary inside there is one period",
    "interno.situar_intervalo | ⟦max⟧(p.fator_producao) as fator_producao, → min": "without a boundary inside there is one period",
    "interno.situar_intervalo | ⟦max⟧(p.fator_rejeicao) as fator_rejeicao → min": "without a boundary inside there is one period",
    "interno.transbordaria | coalesce(m.producao[p_segundo % 60 + 1]⟦, 0⟧) + p_producao > 2147483647 → ∅": "an increment alone, which is held above 999,999,999, overflows nothing",
    "interno.transbordaria | or coalesce(m.rejeicao[p_segundo % 60 + 1]⟦, 0⟧) + p_rejeicao > 2147483647 → ∅": "an increment alone, which is held above 999,999,999, overflows nothing",
    "public.declarar_restauracao | from (select id from public.envios_totvs where situacao not in ('CONFIRMADO', 'DESCARTADO') order by id⟦⟧ for update) as e; → desc": (
        "no other call holds two reports that are still open"
    ),
    "interno.reconhecer_avulso | where a.tipo = 'avulso' and a.situacao = 'APLICADO' and ⟦a.aceito_tamanho = v_tamanho⟧ and a.aceito_sha256 = v_sha256 → true": (
        "what has one SHA-256 has one length"
    ),
    "interno.prefixo_avulso | where a.chave = p_chave and a.tipo = 'avulso' and a.situacao <> 'QUARENTENA' and a.aceito_tamanho ⟦>⟧ 0 → >=": (
        "a name of which nothing was accepted has no accepted content later: a row of size 0 says what no row says"
    ),
    "interno.anotar_ilegiveis | ⟦min⟧(t.detalhe) filter (where t.n = 1) → max": ("one piece of a group is its first"),
    "interno.anotar_ilegiveis | ⟦min⟧(t.origem) filter (where t.n = 1), → max": ("one piece of a group is its first"),
    "interno.anotar_ilegiveis | substring(decode(⟦min⟧(t.amostra_base64) filter (where t.n = 1), 'base64') for 256) → max": (
        "one piece of a group is its first"
    ),
    "interno.anotar_ilegiveis | )) filter (where ⟦t.n <= 1000⟧ and t.byte_de < t.byte_ate), → true": (
        "the thousandth range reaches to the end of the last: what follows is inside it"
    ),
    "interno.anotar_ilegiveis | )) filter (where t.n <= 1000 and ⟦t.byte_de < t.byte_ate⟧), → true": (
        "the reader says where each piece begins and ends, in this order, and an empty range adds nothing"
    ),
    "interno.anotar_ilegiveis | )) filter (where t.n <= 1000 and t.byte_de ⟦<⟧ t.byte_ate), → <=": (
        "an empty range adds nothing"
    ),
    "interno.motivos_contra | select case when ⟦p_cadastrada⟧ and p_papel is not null and p_epoca_anterior is not true then '{}' else array_remove(array[ → true": (
        "who has a role on a line is named in fontes_linha, which refers to linhas: a line with a role is registered"
    ),
    "interno.somar_linhas | (array_agg(t.flags) filter (where ⟦t.flags <> '{}'⟧))[1] as flags → true": (
        "of the rows of a line only its summary has flags, and that is read first"
    ),
    "interno.eventos_em_ordem | partition by x.evento ->> 'tipo', x.conta, coalesce(x.assunto⟦, 'sem assunto ' || x.indice⟧), x.filial → ∅": (
        "what has no subject was refused, and is kept whether it holds or not"
    ),
    "interno.eventos_em_ordem | r.evento ->> 'ignorado' ⟦is ⟧null as conta, → is not": (
        "only tells the two sorts of rows apart"
    ),
    "interno.sanar_recusas | and ⟦e.id <> p_evento.id⟧ and e.tipo = p_evento.tipo and ( → true": (
        "an event that is being applied has not been refused"
    ),
    "interno.julgar_segundos | where o.linha_id = f.linha_id and ⟦o.intervalo && tstzrange(f.de, f.ate, '[]')⟧ → true": (
        "periods beside the file's stretch meet no second of it below"
    ),
    "interno.contar_minutos | when m.total_rejeicao ⟦>⟧ 0 then interno.somar_segundos(c.rejeicao, m.segundos, m.rejeicao) else c.rejeicao → >=": (
        "adding nothing leaves the vector as it is, also where there is none"
    ),
    "interno.por_em_quarentena | ⟦left⟧ join public.arquivos_linhas as a on a.arquivo_id = p_arquivo_id and a.linha_id = p.linha_id → inner": (
        "every line of an applied file has its row"
    ),
    "interno.aplicar_arquivo | if jsonb_array_length(p_arquivo -> 'intervalos') ⟦>⟧ 0 then → >=": (
        "of no spans none are judged"
    ),
    "interno.quarentenar_arquivo | where arquivo_id = p_arquivo_id and ⟦linha_id is not null⟧ → true": (
        "what has no line is joined to none"
    ),
    "interno.reconhecer_lote | where a.chave = p_arquivo ->> 'chave' and ⟦a.tipo = 'gateway'⟧ → true (3)": (
        "a key under contagens/ is never a loose file's"
    ),
    "interno.limitar_marcas | if not exists (select from jsonb_array_elements(p_marcas) as m where ((m ->> 'ate')::timestamptz ⟦<=⟧ p_chegada) is not true) then → <": (
        "a mark at the arrival itself is limited to itself"
    ),
    "interno.avancar_marcas | order by t.linha_id⟦⟧, a.seq desc → desc": (
        "of each line one is taken, whichever line comes first"
    ),
    "interno.prefixo_da_releitura | where x.aceito_tamanho = p_lancamento.contado_antes and ⟦x.aceito_tamanho > 0⟧ and x.id < p_lancamento.id → true": (
        "of nothing accepted no hash is kept"
    ),
    "interno.lote_em_duvida | ⟦left⟧ join public.contagens_em_duvida as c on c.arquivo_id = a.arquivo_id and c.linha_id = a.linha_id → inner": (
        "a line without a row counted and held no second: its entry is empty either way"
    ),
    "interno.retirar_lotes | where ⟦c.arquivo_id = any(p_arquivos)⟧ and c.linha_id = p_linha_id → true": (
        "a wider window: what is beside the batches is attributed as it is"
    ),
    "interno.retirar_lotes | interno.vetor((x.s % 60)::integer, -x.rejeicao::integer) filter (where ⟦x.rejeicao > 0⟧) as rejeicao, → true": (
        "zeros taken away leave the vector as it is, and one of zeros becomes none"
    ),
    "interno.duvidar_do_relogio | if ⟦v_dito is not null⟧ and abs((v_dito ->> 'desvio_ms')::bigint) >= coalesce(v_desvio, 0) then → true": (
        "what is not said has no offset to compare"
    ),
    "interno.faixas_das_fontes | select coalesce(jsonb_agg(to_jsonb(t) order by t.fonte⟦⟧, t.papel), '[]') → desc": (
        "a list that is looked up by name"
    ),
    "interno.tirar_segundos | where c.linha_id = p_linha_id and c.minuto > v_de and ⟦c.minuto < v_ate⟧ → true": (
        "only spares minutes: of each second it is asked whether the stretch holds it"
    ),
    "interno.tirar_segundos | where c.linha_id = p_linha_id and c.minuto > v_de and c.minuto ⟦<⟧ v_ate → <= (2)": (
        "only spares minutes: of each it is asked whether it touches the stretch"
    ),
    "interno.tirar_segundos | where c.linha_id = p_linha_id and c.fonte = p_fonte and c.minuto > v_de and ⟦c.minuto < v_ate⟧ → true": (
        "only spares minutes: of each second it is asked whether the stretch holds it"
    ),
    "interno.intervalos_a_mover | and ⟦p.antes = case i.situacao when 'CONFERENCIA' then 'conferencia' when 'RETIRADA' then 'nenhum' else 'contagem' end⟧ → true": (
        "a span is where the role its source had puts it: only a corrected one is not, and that is asked beside"
    ),
    "interno.exigir_dez_dias | select r.minuto from public.quarentena as q ⟦inner⟧ join public.contagens_retiradas as r on r.quarentena_id = q.id → left": (
        "an item without minutes has none in the stretch"
    ),
    "interno.exigir_dez_dias | where q.linha_id = p_linha_id and q.fonte = t.fonte and ⟦t.de_papel = 'nenhum'⟧ and coalesce(q.decisao, '') <> 'REPROCESSADO' → true": (
        "what was taken out of a stretch is given back when the source counts it: it holds none of both"
    ),
    "interno.totais_json | select coalesce(jsonb_agg(to_jsonb(t))⟦, '[]'⟧) from interno.totais_op(p_op) as t → ∅": (
        "none and an empty list add up to the same"
    ),
    "interno.estornado_inteiro | where ⟦r.numero_op = p_envio.numero_op⟧ and r.tipo = 'ESTORNO' and r.situacao <> 'DESCARTADO' → true": (
        "an external id is of one report of one order"
    ),
    "interno.conteudo_fechamento | v_refugos := interno.menos(coalesce(v_totais -> 'refugos'⟦, '{}'⟧), v_parciais -> 'refugos'); → ∅": (
        "a summary always has its refused units, if none an empty object"
    ),
    "interno.congelar | select coalesce(array_agg(d.id order by d.id)⟦, '{}'⟧) → ∅": (
        "no order closes without a signed shift"
    ),
    "interno.ops_da_rodada | select coalesce(array_agg(t.numero_op order by t.numero_op)⟦, '{}'⟧) into a_comparar → ∅": (
        "no list and an empty one are locked and walked alike"
    ),
    "interno.ops_da_rodada | and exists (select from public.fechamentos_lote as f where ⟦f.numero_op = x.numero_op⟧) → true": (
        "of those not closed the lock that follows leaves none"
    ),
}
