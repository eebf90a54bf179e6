-- What forbids signing a shift because of one of its orders.

-- What was typed for an order that was not open then: its period was annulled, or moved, after it was typed. Signed as
-- it is, the same units would stand on two orders.
create function interno.digitado_sem_periodo(p_op text, p_linha_id text, p_janela tstzrange)
returns jsonb
language sql
stable
set search_path = ''
as $$
    select coalesce(jsonb_agg(t.motivo), '[]')
    from (
        select interno.motivo_json('CONTAGEM_MANUAL_SEM_PERIODO',
            format('A OP %s tem uma contagem física de %s, mas não esteve aberta na linha neste turno.', p_op, m.producao),
            'Passe-a à OP certa com mover_contagem_manual, ou corrija-a a zero.') as motivo
        from public.contagens_manuais_atuais as m
        where m.numero_op = p_op and m.linha_id = p_linha_id and m.janela && p_janela and m.producao > 0
          and not exists (
            select from public.periodos_ordem as p
            where p.numero_op = p_op and p.linha_id = p_linha_id and p.intervalo && m.janela
        )
        union all
        select interno.motivo_json('PERDA_SEM_PERIODO',
            format('A OP %s tem uma perda de %s digitada (registro %s), mas nunca esteve aberta na linha.', p_op, v.quantidade, v.id),
            'Estorne-a com estornar_refugo e digite-a na OP certa.')
        from public.perdas_vigentes as v
        where v.numero_op = p_op and v.linha_id = p_linha_id and v.em <@ p_janela
          and not exists (select from public.periodos_ordem as p where p.numero_op = p_op and p.linha_id = p_linha_id)
    ) as t
$$;
comment on function interno.digitado_sem_periodo(text, text, tstzrange) is
'O que se digitou para a OP no turno da linha sem que ela tenha estado aberta: codigo, detalhe e acao.';

create function interno.impedimentos_ordens(p_linha_id text, p_janela tstzrange, p_ordens jsonb)
returns jsonb
language plpgsql
stable
set search_path = ''
as $$
declare
    v_motivos jsonb := '[]';
    v_linha record;
begin
    for v_linha in
        select o.numero_op as op, o.rejeicao, o.digitado, o.producao, o.refugo, o.outras,
            interno.refugo_divergente(o.numero_op, p_linha_id, p_janela, o.rejeicao, o.digitado) as divergente
        from jsonb_to_recordset(p_ordens) as o (
            numero_op text, rejeicao bigint, digitado bigint, producao bigint, refugo jsonb, outras jsonb
        )
        order by o.numero_op
    loop
        v_motivos := v_motivos || interno.digitado_sem_periodo(v_linha.op, p_linha_id, p_janela);
        if v_linha.divergente then
            v_motivos := v_motivos || interno.motivo_json('REFUGO_DIVERGENTE',
                format('OP %s: a máquina rejeitou %s unidades, foram digitadas %s.', v_linha.op, v_linha.rejeicao, v_linha.digitado),
                'Corrija o refugo digitado, ou diga qual vale com conciliar_refugo.');
        end if;
        if v_linha.producao = 0 and exists (
            select from public.fontes_linha as f
            where f.linha_id = p_linha_id and f.fonte = 'manual' and f.papel = 'contagem' and tstzrange(f.de, f.ate) && p_janela
        ) and not exists (
            select from public.contagens_manuais_atuais as m
            where m.numero_op = v_linha.op and m.linha_id = p_linha_id and m.janela && p_janela
        ) then
            v_motivos := v_motivos || interno.motivo_json('SEM_CONTAGEM_MANUAL',
                format('Falta a contagem física da OP %s neste turno.', v_linha.op),
                'Registre-a com registrar_contagem_manual, mesmo que seja zero.');
        end if;
        if v_linha.producao < interno.soma_json(v_linha.refugo) + interno.soma_json(v_linha.outras) then
            v_motivos := v_motivos || interno.motivo_json('PERDAS_MAIORES',
                format('OP %s: refugo e amostras passam das %s unidades produzidas no turno.', v_linha.op, v_linha.producao),
                'Corrija o que foi digitado.');
        end if;
    end loop;
    return v_motivos;
end $$;
comment on function interno.impedimentos_ordens(text, tstzrange, jsonb) is 'O que impede assinar o turno da linha por causa do que cada OP contou e do que se digitou dela.';
