-- The database came back as an older copy: what TOTVS has received since is not in it any more.
--
-- Files come again from the bucket, and count as before. Reports must not: each that is open in the copy, or made anew
-- for an order that had begun before, may be in TOTVS already. It is asked about, by the name it had and with its
-- amounts compared; where it cannot be asked, or the answer is another amount, a person decides.

create table public.restauracoes (
    id bigint generated always as identity primary key,
    copia_de timestamptz not null,
    parciais boolean not null,
    quem text not null check (btrim(quem) <> ''),
    motivo text not null,
    declarada_em timestamptz not null default clock_timestamp(),
    check (copia_de <= declarada_em)
);
comment on table public.restauracoes is 'Vezes em que o banco voltou a uma cópia antiga. Somente acréscimo. Fonte: declarar_restauracao.';
comment on column public.restauracoes.copia_de is 'Instante da cópia (UTC); o que veio depois se perdeu do banco. Fonte: TI.';
comment on column public.restauracoes.parciais is 'Verdadeiro se apontamentos parciais podem ter-se perdido: então nem perguntar basta. Fonte: banco.';
comment on column public.restauracoes.quem is 'Quem o declarou, como se identificou. Fonte: pessoa.';
alter table public.restauracoes enable row level security;
revoke all on public.restauracoes from public, anon, authenticated, service_role;
revoke all on sequence public.restauracoes_id_seq from public, anon, authenticated, service_role;
grant select on public.restauracoes to authenticated, service_role;
create policy leitura on public.restauracoes for select to authenticated using (true);
create trigger somente_acrescimo before update or delete or truncate on public.restauracoes
for each statement execute function interno.impedir_alteracao();

-- Of an order that had begun before a restoration, any report may have been sent in the time that was lost.
create function interno.duvidar(p_envio bigint)
returns void
language plpgsql
set search_path = ''
as $$
declare
    v_parciais boolean;
begin
    select bool_or(r.parciais) into v_parciais
    from public.envios_totvs as e
    inner join public.periodos_ordem as p on p.numero_op = e.numero_op
    inner join public.restauracoes as r on lower(p.intervalo) < r.declarada_em
    where e.id = p_envio;
    update public.envios_totvs
    set restaurado = true, situacao = 'INCERTO', lease = null, lease_ate = null, campainha = null, tocado_em = null,
        proxima_em = clock_timestamp(), codigo = 'restored',
        erro = case when v_parciais
            then 'O banco voltou a uma cópia antiga e o TOTVS pode ter apontamentos parciais que ele perdeu. Compare lá o total da OP.'
            else 'O banco voltou a uma cópia antiga; o TOTVS pode já ter este envio.'
        end
    where id = p_envio and v_parciais is not null;
end $$;
comment on function interno.duvidar(bigint) is
'Põe em dúvida um envio que o TOTVS pode ter recebido antes de uma restauração do banco; nada, se a OP é posterior.';

create function public.declarar_restauracao(p_copia_de timestamptz, p_quem text, p_motivo text)
returns jsonb
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_motivo constant text := interno.exigir_motivo(p_motivo);
    v_resultado jsonb;
begin
    if p_copia_de is null or p_copia_de > clock_timestamp() then
        perform interno.recusar(
            '422', 'INSTANTE_FUTURO', 'O instante da cópia deve estar no passado.', 'Informe de quando é a cópia restaurada.'
        );
    end if;
    insert into public.restauracoes (copia_de, parciais, quem, motivo)
    values (
        p_copia_de,
        interno.parametro('PARCIAIS_SEGUNDOS') > 0 or exists (select from public.envios_totvs where tipo = 'PARCIAL'),
        p_quem, v_motivo
    );
    perform interno.duvidar(e.id)
    from (select id from public.envios_totvs where situacao not in ('CONFIRMADO', 'DESCARTADO') order by id for update) as e;
    select jsonb_build_object('copia_de', p_copia_de, 'em_duvida', count(*)) into v_resultado
    from public.envios_totvs as e
    where e.situacao = 'INCERTO' and e.restaurado;
    perform interno.anotar_trilha(
        'SISTEMA', 'declarar_restauracao', 'restauracoes', null, v_resultado || jsonb_build_object('quem', p_quem), v_motivo
    );
    return v_resultado;
end $$;
comment on function public.declarar_restauracao(timestamptz, text, text) is
'Declara que o banco voltou a uma cópia antiga: o que o TOTVS pode já saber é perguntado, ou espera uma pessoa, antes de ir de novo.';
revoke all on function public.declarar_restauracao(timestamptz, text, text)
from public, anon, authenticated, service_role;
grant execute on function public.declarar_restauracao(timestamptz, text, text) to service_role;
