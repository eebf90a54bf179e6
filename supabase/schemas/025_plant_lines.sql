-- The plant's 37 lines (20 filling, 17 packing). Brand of PLC per line as the users name it (Atividade 06): data, not
-- a rule of the sector; NULL where it is not known.

insert into public.linhas (linha_id, nome, setor, etapa, marca_clp)
values
    ('SPEP-ENV-A', 'SPEP01 - Linha A - Envase', 'SPEP', 'ENVASE', 'BottelPack'),
    ('SPEP-ENV-B', 'SPEP01 - Linha B - Envase', 'SPEP', 'ENVASE', 'BottelPack'),
    ('SPEP-ENV-C', 'SPEP01 - Linha C - Envase', 'SPEP', 'ENVASE', 'BottelPack'),
    ('SPEP-ENV-D', 'SPEP02 - Linha D - Envase', 'SPEP', 'ENVASE', 'BottelPack'),
    ('SPEP-ENV-E', 'SPEP02 - Linha E - Envase', 'SPEP', 'ENVASE', 'BottelPack'),
    ('SPEP-ENV-F', 'SPEP02 - Linha F - Envase', 'SPEP', 'ENVASE', 'BottelPack'),
    ('SPEP-ENV-G', 'SPEP02 - Linha G - Envase', 'SPEP', 'ENVASE', 'BottelPack'),
    ('SPEP-ENV-H', 'SPEP03 - Linha H - Envase', 'SPEP', 'ENVASE', 'BottelPack'),
    ('SPEP-ENV-I', 'SPEP03 - Linha I - Envase', 'SPEP', 'ENVASE', 'BottelPack'),
    ('SPEP-ENV-SLE', 'SPEP - Linha SLE - Envase', 'SPEP', 'ENVASE', null),
    ('SPEP-EMB-EST02', 'SPEP - Esteira 02 - Embalagem', 'SPEP', 'EMBALAGEM', null),
    ('SPEP-EMB-EST04', 'SPEP - Esteira 04 - Embalagem', 'SPEP', 'EMBALAGEM', null),
    ('SPEP-EMB-EST05', 'SPEP - Esteira 05 - Embalagem', 'SPEP', 'EMBALAGEM', null),
    ('SPEP-EMB-EST06', 'SPEP - Esteira 06 - Embalagem', 'SPEP', 'EMBALAGEM', null),
    ('SPEP-EMB-EST07', 'SPEP - Esteira 07 - Embalagem', 'SPEP', 'EMBALAGEM', null),
    ('SPEP-EMB-EST08', 'SPEP - Esteira 08 - Embalagem', 'SPEP', 'EMBALAGEM', null),
    ('SPEP-EMB-EST09', 'SPEP - Esteira 09 - Embalagem', 'SPEP', 'EMBALAGEM', null),
    ('SPEP-EMB-EST10', 'SPEP - Esteira 10 - Embalagem', 'SPEP', 'EMBALAGEM', null),
    ('SPEP-EMB-H', 'SPEP03 - Linha H - Embalagem', 'SPEP', 'EMBALAGEM', null),
    ('SPEP-EMB-I', 'SPEP03 - Linha I - Embalagem', 'SPEP', 'EMBALAGEM', null),
    ('SPPV-ENV-VIDRO01', 'SPPV - Vidro 01 - Envase', 'SPPV', 'ENVASE', 'Bausch+Ströbel'),
    ('SPPV-ENV-VIDRO02', 'SPPV - Vidro 02 - Envase', 'SPPV', 'ENVASE', 'Bausch+Ströbel'),
    ('SPPV-ENV-VIDRO03', 'SPPV - Vidro 03 - Envase', 'SPPV', 'ENVASE', 'Bausch+Ströbel'),
    ('SPPV-ENV-VIDRO04', 'SPPV - Vidro 04 - Envase', 'SPPV', 'ENVASE', 'Bausch+Ströbel'),
    ('SPPV-ENV-VIDRO05', 'SPPV - Vidro 05 - Envase', 'SPPV', 'ENVASE', 'Bausch+Ströbel'),
    ('SPPV-EMB-SALA01', 'SPPV - Sala 01 - Embalagem', 'SPPV', 'EMBALAGEM', null),
    ('SPPV-EMB-SALA02', 'SPPV - Sala 02 - Embalagem', 'SPPV', 'EMBALAGEM', null),
    ('SPPV-EMB-SALA04', 'SPPV - Sala 04 - Embalagem', 'SPPV', 'EMBALAGEM', null),
    ('SPPV-EMB-SALA05', 'SPPV - Sala 05 - Embalagem', 'SPPV', 'EMBALAGEM', null),
    ('SPPV-EMB-SALA06', 'SPPV - Sala 06 - Embalagem', 'SPPV', 'EMBALAGEM', null),
    ('LIQ-ENV-A', 'Líquidos - Linha A (L) - Envase', 'LIQUIDOS', 'ENVASE', 'Pró Máquina'),
    ('LIQ-ENV-B', 'Líquidos - Linha B (L) - Envase', 'LIQUIDOS', 'ENVASE', 'Pró Máquina'),
    ('LIQ-ENV-C', 'Líquidos - Linha C (L) - Envase', 'LIQUIDOS', 'ENVASE', 'Pró Máquina'),
    ('LIQ-EMB-VERTO', 'Líquidos - Encartuchadeira Vertopack', 'LIQUIDOS', 'EMBALAGEM', null),
    ('LIQ-EMB-HICART', 'Líquidos - Encartuchadeira Hicart', 'LIQUIDOS', 'EMBALAGEM', null),
    ('CPHD-ACIDA', 'CPHD - Linha Ácida', 'CPHD', 'ENVASE', 'Pró Máquina'),
    ('CPHD-BASICA', 'CPHD - Linha Básica', 'CPHD', 'ENVASE', 'Pró Máquina');

-- Line A (BottelPack BP 360-080) counts cycles of 8 cavities: 2,215 cycles were 17,720 bottles. Its rejects are units.
insert into public.fatores_linha (linha_id, contador, fator) values ('SPEP-ENV-A', 'producao', 8);

-- The fastest filling line makes 6.7 units a second (24,000/h, Vidro 05): a hundred in one second is a fault, held for
-- a person. Packing lines are counted by hand, many units at one instant.
update public.linhas set maximo_por_segundo = 100
where etapa = 'ENVASE';

-- After the rows above: each later change of what decides totals leaves a trail.
create trigger auditar after insert or update or delete on public.linhas
for each row execute function interno.auditar_cadastro('linha_id');
create trigger auditar after insert or update or delete on public.fatores_linha
for each row execute function interno.auditar_cadastro('linha_id');
create trigger auditar after insert or update or delete on public.fontes_linha
for each row execute function interno.auditar_cadastro('linha_id');
create trigger auditar after insert or update or delete on public.gateways
for each row execute function interno.auditar_cadastro('gateway');
create trigger auditar after insert or update or delete on public.papeis_usuario
for each row execute function interno.auditar_cadastro('usuario_id');
create trigger auditar after insert or update or delete on public.pedidos_papel
for each row execute function interno.auditar_cadastro('id');
