-- The daily digest: what waits too long is sent to each sector by e-mail, once a day.
--
-- The first run of a day decides what each sector is sent and keeps it; that run and the later ones send what has not
-- been sent. Nothing of it decides anything: a matter stays in `pendencias` until it is settled.

create table public.enderecos_resumo (
    id bigint generated always as identity primary key,
    setor text check (setor in ('SPEP', 'SPPV', 'LIQUIDOS', 'CPHD')),
    endereco text not null check (length(endereco) <= 254),
    unique nulls not distinct (setor, endereco)
);
comment on table public.enderecos_resumo is 'Para quem vai o resumo diário de pendências de cada setor. Fonte: definir_endereco_resumo.';
comment on column public.enderecos_resumo.setor is
'Setor; nulo = o que não é de um setor, e o dos setores sem endereço. Fonte: administração do SicFar.';
alter table public.enderecos_resumo enable row level security;
revoke all on public.enderecos_resumo from public, anon, authenticated, service_role;
revoke all on sequence public.enderecos_resumo_id_seq from public, anon, authenticated, service_role;
grant select on public.enderecos_resumo to authenticated, service_role;
create policy leitura on public.enderecos_resumo for select to authenticated using (true);
create trigger auditar after insert or update or delete on public.enderecos_resumo
for each row execute function interno.auditar_cadastro('endereco');

create table public.resumos_diarios (
    id bigint generated always as identity primary key,
    dia date not null,
    setor text,
    conteudo jsonb not null,
    situacao text not null check (situacao in ('VAZIO', 'PENDENTE', 'ENVIANDO', 'ENVIADO')),
    enderecos text[],
    tentativas integer not null default 0,
    lease uuid,
    lease_ate timestamptz,
    mensagem_id text,
    erro text,
    apurado_em timestamptz not null default clock_timestamp(),
    enviado_em timestamptz,
    unique nulls not distinct (dia, setor),
    check ((situacao = 'ENVIANDO') = (lease is not null) and (situacao = 'ENVIADO') = (enviado_em is not null))
);
comment on table public.resumos_diarios is 'O resumo de cada dia e setor: um e-mail, ou nenhum se nada esperava; nunca apagado. Fonte: daily_digest.';
comment on column public.resumos_diarios.dia is 'Dia da fábrica. Fonte: banco.';
comment on column public.resumos_diarios.setor is 'Setor dos destinatários; nulo = os do endereço geral. Fonte: enderecos_resumo.';
comment on column public.resumos_diarios.conteudo is 'As pendências atrasadas então, por tipo: tipo, total e as primeiras (itens). Fonte: pendencias.';
comment on column public.resumos_diarios.situacao is 'VAZIO (nada a enviar), PENDENTE, ENVIANDO ou ENVIADO. Fonte: daily_digest.';
comment on column public.resumos_diarios.enderecos is 'Para quem foi, ou se tentou. Fonte: enderecos_resumo.';
comment on column public.resumos_diarios.tentativas is 'Vezes que se tentou enviar. Fonte: daily_digest.';
comment on column public.resumos_diarios.lease is 'Quem o está enviando. Fonte: daily_digest.';
comment on column public.resumos_diarios.lease_ate is 'Até quando (UTC); depois se envia outra vez. Fonte: daily_digest.';
comment on column public.resumos_diarios.mensagem_id is 'Identificador do e-mail. Fonte: SES.';
comment on column public.resumos_diarios.erro is 'Por que o último envio falhou. Fonte: SES.';
alter table public.resumos_diarios enable row level security;
revoke all on public.resumos_diarios from public, anon, authenticated, service_role;
revoke all on sequence public.resumos_diarios_id_seq from public, anon, authenticated, service_role;
grant select on public.resumos_diarios to authenticated, service_role;
create policy leitura on public.resumos_diarios for select to authenticated using (true);
create trigger nunca_apagar before delete or truncate on public.resumos_diarios
for each statement execute function interno.impedir_alteracao();

create function public.definir_endereco_resumo(p_setor text, p_endereco text, p_vale boolean, p_motivo text)
returns jsonb
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_papel constant text := interno.exigir_papel('definir_endereco_resumo', null);
    v_motivo constant text := interno.exigir_motivo(p_motivo);
    v_endereco constant text := lower(interno.exigir_nome('endereco', p_endereco, 6, 254));
begin
    perform interno.exigir_codigo('endereço de e-mail', v_endereco, '^[a-z0-9._%+-]+@[a-z0-9-]+(\.[a-z0-9-]+)+$');
    if p_setor is not null then
        perform interno.exigir_opcao('setor', p_setor, 'SPEP', 'SPPV', 'LIQUIDOS', 'CPHD');
    end if;
    if p_vale is null then
        perform interno.recusar('422', 'VALOR_INVALIDO', 'Falta dizer se o endereço vale.', 'Informe-o.');
    end if;
    perform pg_advisory_xact_lock(hashtext('enderecos_resumo'));
    perform interno.declarar_autor(v_papel, v_motivo);
    if p_vale then
        insert into public.enderecos_resumo (setor, endereco) values (p_setor, v_endereco) on conflict do nothing;
    else
        delete from public.enderecos_resumo where setor is not distinct from p_setor and endereco = v_endereco;
    end if;
    perform interno.declarar_autor('', '');
    if (select count(*) from public.enderecos_resumo where setor is not distinct from p_setor) > 50 then
        perform interno.recusar(
            '409', 'ENDERECOS_DEMAIS', 'Um e-mail vai a no máximo 50 endereços.', 'Use uma lista de distribuição.'
        );
    end if;
    return jsonb_build_object('setor', p_setor, 'endereco', v_endereco, 'vale', p_vale);
end $$;
comment on function public.definir_endereco_resumo(text, text, boolean, text) is
'Dá ao setor (nulo = geral) um endereço do resumo diário, ou o tira (p_vale falso).';
revoke all on function public.definir_endereco_resumo(text, text, boolean, text)
from public, anon, authenticated, service_role;
grant execute on function public.definir_endereco_resumo(text, text, boolean, text) to authenticated, service_role;

-- Where a sector's digest goes: to its own addresses, else to the general ones.
create function interno.enderecos_do_resumo(p_setor text)
returns text[]
language sql
stable
set search_path = ''
as $$
    select coalesce(
        array_agg(e.endereco order by e.endereco) filter (where e.setor = p_setor),
        array_agg(e.endereco order by e.endereco) filter (where e.setor is null), '{}'
    )
    from public.enderecos_resumo as e
$$;
comment on function interno.enderecos_do_resumo(text) is 'Endereços do setor, ou os gerais se ele não tem nenhum.';
