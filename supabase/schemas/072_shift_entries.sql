-- The functions with which people type it.

-- The order's latest period on the line begun by an instant; refuses if there is none.
create function interno.periodo_ate(p_op text, p_linha_id text, p_em timestamptz)
returns public.periodos_ordem
language plpgsql
stable
set search_path = ''
as $$
declare
    v_periodo public.periodos_ordem;
begin
    select * into v_periodo
    from public.periodos_ordem as p
    where p.numero_op = p_op and p.linha_id = p_linha_id and lower(p.intervalo) <= p_em
    order by lower(p.intervalo) desc
    limit 1;
    if v_periodo.id is null then
        perform interno.recusar(
            '409', 'ORDEM_NAO_ABERTA',
            format('A OP %s não estava aberta na linha %s até %s.', p_op, p_linha_id, interno.hora_local(p_em)),
            'Confira a OP, a linha e o instante.'
        );
    end if;
    return v_periodo;
end $$;
comment on function interno.periodo_ate(text, text, timestamptz) is 'Último período da OP na linha começado até o instante; PT409 ORDEM_NAO_ABERTA.';

create function interno.exigir_linha(p_linha_id text)
returns public.linhas
language plpgsql
stable
set search_path = ''
as $$
declare
    v_linha public.linhas;
begin
    select * into v_linha from public.linhas where linha_id = p_linha_id;
    if v_linha.linha_id is null then
        perform interno.recusar(
            '404', 'LINHA_DESCONHECIDA', format('A linha %s não está cadastrada.', coalesce(p_linha_id, '(vazia)')),
            'Confira o código da linha.'
        );
    end if;
    return v_linha;
end $$;
comment on function interno.exigir_linha(text) is 'A linha; PT404 LINHA_DESCONHECIDA.';

create function interno.exigir_janela(p_data date, p_turno text)
returns tstzrange
language plpgsql
stable
set search_path = ''
as $$
declare
    v_janela constant tstzrange := interno.janela_turno(p_data, p_turno);
begin
    if v_janela is null then
        perform interno.recusar(
            '422', 'TURNO_INVALIDO', format('Não há turno %L em %s.', p_turno, coalesce(to_char(p_data, 'DD/MM/YYYY'), '(sem data)')),
            'Informe o dia e um dos turnos cadastrados.'
        );
    end if;
    if lower(v_janela) > clock_timestamp() then
        perform interno.recusar(
            '422', 'INSTANTE_FUTURO', format('O turno %s de %s ainda não começou.', p_turno, to_char(p_data, 'DD/MM/YYYY')),
            'Informe um turno que já começou.'
        );
    end if;
    return v_janela;
end $$;
comment on function interno.exigir_janela(date, text) is 'Janela de um turno já começado; PT422 TURNO_INVALIDO ou INSTANTE_FUTURO.';

-- Refused units, retained samples, analytical samples. Typed after the order ended, they belong to its end.
create function public.registrar_refugo(
    p_numero_op text, p_linha_id text, p_quantidade integer, p_codigo text default '', p_tipo text default 'REFUGO',
    p_em timestamptz default null, p_observacao text default null, p_chave text default null
)
returns jsonb
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_op constant text := public.normalizar_op(p_numero_op);
    v_papel constant text := interno.linha_para_decisao('registrar_refugo', p_linha_id);
    v_linha constant public.linhas := interno.exigir_linha(p_linha_id);
    v_pedido constant jsonb := jsonb_build_object(
        'numero_op', v_op, 'linha_id', p_linha_id, 'quantidade', p_quantidade, 'codigo', p_codigo, 'tipo', p_tipo,
        'em', p_em, 'observacao', p_observacao
    );
    v_resposta constant jsonb := interno.resposta_dada('registrar_refugo', p_chave, v_pedido);
    v_em timestamptz := date_trunc('second', coalesce(p_em, clock_timestamp()));
    v_codigo text := '';
    v_periodo public.periodos_ordem;
    v_nova public.perdas_qualidade;
begin
    if v_resposta is not null then
        return v_resposta;
    end if;
    if coalesce(p_quantidade, 0) not between 1 and 10000000 then
        perform interno.recusar('422', 'QUANTIDADE_INVALIDA', 'A quantidade deve ser um inteiro de 1 a 10.000.000.', 'Corrija a quantidade.');
    end if;
    if p_tipo is null or p_tipo not in ('REFUGO', 'RETEM', 'AMOSTRA_SEMIACABADO', 'AMOSTRA_ACABADO') then
        perform interno.recusar(
            '422', 'TIPO_INVALIDO', format('Tipo %L desconhecido.', p_tipo),
            'Use REFUGO, RETEM, AMOSTRA_SEMIACABADO ou AMOSTRA_ACABADO.'
        );
    end if;
    if p_tipo = 'REFUGO' then
        perform interno.exigir_sem_mes('o refugo');
        v_codigo := interno.exigir_codigo_refugo(p_codigo);
    end if;
    if p_tipo = 'REFUGO' and v_linha.regra_refugo = 'MAQUINA' then
        perform interno.recusar(
            '409', 'REFUGO_DA_MAQUINA', format('O refugo da linha %s é o que a máquina rejeita; digitá-lo o contaria duas vezes.', p_linha_id),
            'Se a linha passou a digitar o refugo, mude a regra dela no cadastro.'
        );
    end if;
    if v_em > clock_timestamp() then
        perform interno.recusar('422', 'INSTANTE_FUTURO', format('O instante %s está no futuro.', interno.hora_local(v_em)), 'Informe um instante até agora.');
    end if;
    v_periodo := interno.periodo_ate(v_op, p_linha_id, v_em);
    v_em := least(v_em, coalesce(upper(v_periodo.intervalo) - interval '1 second', v_em));
    insert into public.perdas_qualidade (numero_op, linha_id, em, tipo, codigo, quantidade, observacao, usuario_id)
    values (
        v_op, p_linha_id, v_em, p_tipo, v_codigo, p_quantidade,
        nullif(interno.exigir_texto('observação', p_observacao, 2000), ''), interno.usuario_atual()
    )
    returning * into v_nova;
    perform interno.anotar_trilha(
        v_papel, 'registrar_refugo', format('perdas_qualidade:%s', v_nova.id), null, to_jsonb(v_nova), v_nova.observacao
    );
    return interno.responder_pedido('registrar_refugo', p_chave, v_pedido, to_jsonb(v_nova));
end $$;
comment on function public.registrar_refugo(text, text, integer, text, text, timestamptz, text, text) is
'Registra refugo (com código do motivo), retém ou amostras de uma OP na linha, em unidades. Nulo = agora, ou o fim da OP. Devolve o registro; com a mesma p_chave, o mesmo.';
revoke all on function public.registrar_refugo(text, text, integer, text, text, timestamptz, text, text)
from public, anon, authenticated, service_role;
grant execute on function public.registrar_refugo(text, text, integer, text, text, timestamptz, text, text)
to authenticated, service_role;

create function public.estornar_refugo(p_id bigint, p_motivo text, p_chave text default null)
returns jsonb
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_papel constant text := interno.linha_para_decisao(
        'estornar_refugo', (select linha_id from public.perdas_qualidade where id = p_id)
    );
    v_motivo constant text := interno.exigir_motivo(p_motivo);
    v_pedido constant jsonb := jsonb_build_object('id', p_id, 'motivo', v_motivo);
    v_resposta constant jsonb := interno.resposta_dada('estornar_refugo', p_chave, v_pedido);
    v_antes public.perdas_qualidade;
    v_nova public.perdas_qualidade;
begin
    if v_resposta is not null then
        return v_resposta;
    end if;
    select * into v_antes from public.perdas_qualidade where id = p_id;
    if v_antes.id is null or v_antes.estorna is not null then
        perform interno.recusar_desconhecido('REFUGO_DESCONHECIDO', format('Não há registro de perda %s a estornar.', p_id));
    end if;
    if exists (select from public.perdas_qualidade where estorna = p_id) then
        perform interno.recusar_decidido(format('O registro %s já foi estornado.', p_id));
    end if;
    insert into public.perdas_qualidade (numero_op, linha_id, em, tipo, codigo, quantidade, observacao, estorna, usuario_id)
    values (
        v_antes.numero_op, v_antes.linha_id, v_antes.em, v_antes.tipo, v_antes.codigo, v_antes.quantidade, v_motivo, p_id,
        interno.usuario_atual()
    )
    returning * into v_nova;
    perform interno.anotar_trilha(
        v_papel, 'estornar_refugo', format('perdas_qualidade:%s', p_id), to_jsonb(v_antes), to_jsonb(v_nova), v_motivo
    );
    return interno.responder_pedido('estornar_refugo', p_chave, v_pedido, to_jsonb(v_nova));
end $$;
comment on function public.estornar_refugo(bigint, text, text) is
'Anula por inteiro um registro de perda, com motivo; o original permanece. Com a mesma p_chave, a mesma resposta.';
revoke all on function public.estornar_refugo(bigint, text, text) from public, anon, authenticated, service_role;
grant execute on function public.estornar_refugo(bigint, text, text) to authenticated, service_role;

-- The physical count of one order in one shift of a line that is counted by hand. What was counted can always be
-- corrected to zero: also after the order's period was annulled, or the line has another source now.
create function public.registrar_contagem_manual(
    p_numero_op text, p_linha_id text, p_data date, p_turno text, p_producao integer, p_rejeicao integer default 0,
    p_motivo text default null, p_chave text default null
)
returns jsonb
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_op constant text := public.normalizar_op(p_numero_op);
    v_papel constant text := interno.linha_para_decisao('registrar_contagem_manual', p_linha_id);
    v_linha constant public.linhas := interno.exigir_linha(p_linha_id);
    v_janela constant tstzrange := interno.exigir_janela(p_data, p_turno);
    v_motivo text := nullif(interno.exigir_texto('motivo', p_motivo, 2000), '');
    v_pedido constant jsonb := jsonb_build_object(
        'numero_op', v_op, 'linha_id', p_linha_id, 'data', p_data, 'turno', p_turno, 'producao', p_producao,
        'rejeicao', p_rejeicao, 'motivo', v_motivo
    );
    v_resposta constant jsonb := interno.resposta_dada('registrar_contagem_manual', p_chave, v_pedido);
    v_antes public.contagens_manuais_atuais;
    v_nova public.contagens_manuais;
    v_anular boolean;
begin
    if v_resposta is not null then
        return v_resposta;
    end if;
    if p_producao is null or p_producao not between 0 and 10000000 or p_rejeicao is null or p_rejeicao not between 0 and p_producao then
        perform interno.recusar(
            '422', 'QUANTIDADE_INVALIDA', 'A produção e a rejeição são inteiros de 0 a 10.000.000, e a rejeição faz parte da produção.',
            'Corrija as quantidades.'
        );
    end if;
    select * into v_antes
    from public.contagens_manuais_atuais
    where numero_op = v_op and linha_id = p_linha_id and janela = v_janela;
    v_anular := v_antes.id is not null and p_producao = 0;
    if not v_anular and not exists (
        select from public.fontes_linha as f
        where f.linha_id = p_linha_id and f.fonte = 'manual' and f.papel = 'contagem'
          and tstzrange(f.de, f.ate) && v_janela
    ) then
        perform interno.recusar(
            '409', 'FONTE_NAO_MANUAL', format('A linha %s não é contada à mão neste turno.', p_linha_id),
            'Confira a linha e o turno; quem conta a linha se diz com definir_fonte.'
        );
    end if;
    if not v_anular and not exists (
        select from public.periodos_ordem as p
        where p.numero_op = v_op and p.linha_id = p_linha_id and p.intervalo && v_janela
    ) then
        perform interno.recusar(
            '409', 'ORDEM_NAO_ABERTA', format('A OP %s não esteve aberta na linha %s neste turno.', v_op, p_linha_id),
            'Abra a OP na linha, com a hora em que começou, ou confira a OP e o turno.'
        );
    end if;
    if (v_antes.producao, v_antes.rejeicao, v_antes.turno) = (p_producao, p_rejeicao, p_turno) then
        return interno.responder_pedido('registrar_contagem_manual', p_chave, v_pedido, to_jsonb(v_antes));
    end if;
    if v_antes.id is not null then
        v_motivo := interno.exigir_motivo(p_motivo);
    end if;
    insert into public.contagens_manuais (numero_op, linha_id, data, turno, janela, producao, rejeicao, motivo, usuario_id)
    values (v_op, p_linha_id, p_data, p_turno, v_janela, p_producao, p_rejeicao, v_motivo, interno.usuario_atual())
    returning * into v_nova;
    -- What is counted by hand is counted in units.
    perform interno.somar_ordem(
        v_op, p_linha_id, p_producao - coalesce(v_antes.producao, 0), p_rejeicao - coalesce(v_antes.rejeicao, 0),
        p_producao - coalesce(v_antes.producao, 0), p_rejeicao - coalesce(v_antes.rejeicao, 0)
    );
    perform interno.anotar_trilha(
        v_papel, 'registrar_contagem_manual', format('contagens_manuais:%s', v_nova.id),
        case when v_antes.id is not null then to_jsonb(v_antes) end, to_jsonb(v_nova), v_motivo
    );
    return interno.responder_pedido('registrar_contagem_manual', p_chave, v_pedido, to_jsonb(v_nova));
end $$;
comment on function public.registrar_contagem_manual(text, text, date, text, integer, integer, text, text) is
'Registra a contagem física de uma OP num turno de uma linha contada à mão, em unidades; corrigir a anterior exige motivo, e a zero sempre se pode. Devolve o registro; com a mesma p_chave, o mesmo.';
revoke all on function public.registrar_contagem_manual(text, text, date, text, integer, integer, text, text)
from public, anon, authenticated, service_role;
grant execute on function public.registrar_contagem_manual(text, text, date, text, integer, integer, text, text)
to authenticated, service_role;

-- Counted for one order, made by another.
create function public.mover_contagem_manual(
    p_de_numero_op text, p_numero_op text, p_linha_id text, p_data date, p_turno text, p_motivo text,
    p_chave text default null
)
returns jsonb
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_de constant text := public.normalizar_op(p_de_numero_op);
    v_para constant text := public.normalizar_op(p_numero_op);
    v_papel constant text := interno.linha_para_decisao('mover_contagem_manual', p_linha_id);
    v_janela constant tstzrange := interno.exigir_janela(p_data, p_turno);
    v_motivo constant text := interno.exigir_motivo(p_motivo);
    v_pedido constant jsonb := jsonb_build_object(
        'de_numero_op', v_de, 'numero_op', v_para, 'linha_id', p_linha_id, 'data', p_data, 'turno', p_turno,
        'motivo', v_motivo
    );
    v_resposta constant jsonb := interno.resposta_dada('mover_contagem_manual', p_chave, v_pedido);
    v_movida public.contagens_manuais_atuais;
    v_outra public.contagens_manuais_atuais;
begin
    if v_resposta is not null then
        return v_resposta;
    end if;
    select * into v_movida from public.contagens_manuais_atuais
    where numero_op = v_de and linha_id = p_linha_id and janela = v_janela and producao > 0;
    if v_movida.id is null then
        perform interno.recusar_desconhecido(
            'NADA_A_MOVER', format('A OP %s não tem contagem física na linha %s neste turno.', v_de, p_linha_id)
        );
    end if;
    select * into v_outra from public.contagens_manuais_atuais
    where numero_op = v_para and linha_id = p_linha_id and janela = v_janela and producao > 0;
    if v_outra.id is not null then
        perform interno.recusar(
            '409', 'OP_JA_CONTADA', format('A OP %s já tem uma contagem física de %s neste turno.', v_para, v_outra.producao),
            'Corrija as duas com registrar_contagem_manual.'
        );
    end if;
    perform public.registrar_contagem_manual(v_de, p_linha_id, p_data, v_movida.turno, 0, 0, v_motivo);
    perform interno.anotar_trilha(
        v_papel, 'mover_contagem_manual', format('contagens_manuais:%s', v_movida.id), to_jsonb(v_movida),
        jsonb_build_object('numero_op', v_para), v_motivo
    );
    return interno.responder_pedido(
        'mover_contagem_manual', p_chave, v_pedido, public.registrar_contagem_manual(
            v_para, p_linha_id, p_data, p_turno, v_movida.producao, v_movida.rejeicao, v_motivo
        )
    );
end $$;
comment on function public.mover_contagem_manual(text, text, text, date, text, text, text) is
'Passa a contagem física de um turno de uma OP para outra, com motivo. Devolve o registro novo; com a mesma p_chave, o mesmo.';
revoke all on function public.mover_contagem_manual(text, text, text, date, text, text, text)
from public, anon, authenticated, service_role;
grant execute on function public.mover_contagem_manual(text, text, text, date, text, text, text)
to authenticated, service_role;
