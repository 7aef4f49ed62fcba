/** The database's tables, step by step: a step that has been released is never changed, another is added. */

import type { Database } from './database.ts'

const steps: readonly string[] = [
  `
  create table decisions (
    seq bigint primary key,
    id uuid not null unique,
    decided_at timestamptz(3) not null,
    caller text,
    request_id text not null,
    route text not null,
    model_name text not null,
    model_version integer not null,
    manifest_hash text not null,
    feature_hash text not null,
    label_hash text not null,
    policy_hash text,
    as_of date,
    scored_month text,
    borrower_id text,
    request_hash text not null,
    answer_hash text not null,
    request_bytes integer not null,
    payload bytea not null,
    previous_hash text not null,
    hash text not null
  );
  alter table decisions alter column payload set storage external;
  create index decisions_hash on decisions (hash);
  create index decisions_decided_at on decisions (decided_at);

  create table decision_accounts (
    seq bigint not null,
    place integer not null,
    account_id text,
    population text not null,
    pd double precision[],
    primary key (seq, place)
  );
  create index decision_accounts_account on decision_accounts (account_id, seq);

  create function refuse_change() returns trigger language plpgsql as $$
    begin
      raise exception '% is append-only', tg_table_name;
    end
  $$;
  create trigger decisions_append_only before update or delete or truncate on decisions
    for each statement execute function refuse_change();
  create trigger decision_accounts_append_only before update or delete or truncate on decision_accounts
    for each statement execute function refuse_change();

  create table shadow_scores (
    decision_id uuid not null,
    model_name text not null,
    model_version integer not null,
    scored_at timestamptz(3) not null default now(),
    accounts jsonb not null,
    primary key (decision_id, model_name, model_version)
  );

  create table outcomes (
    account_id text not null,
    month text not null,
    max_days_past_due integer,
    event boolean,
    caller text,
    recorded_at timestamptz(3) not null default now(),
    primary key (account_id, month)
  );

  create table alerts (
    id uuid primary key,
    raised_at timestamptz(3) not null default now(),
    kind text not null,
    subject text not null,
    detail jsonb not null,
    resolved_at timestamptz(3)
  );

  create table contacts (
    id uuid primary key,
    borrower_id text not null,
    account_id text,
    decision_id uuid,
    contacted_at timestamptz(3) not null,
    channel text not null,
    treatment text,
    result text,
    detail jsonb
  );
  create index contacts_borrower on contacts (borrower_id, contacted_at);

  create table promises (
    id uuid primary key,
    borrower_id text not null,
    account_id text not null,
    contact_id uuid,
    promised_at timestamptz(3) not null,
    due_on date not null,
    amount numeric not null,
    kept boolean,
    detail jsonb
  );
  create index promises_borrower on promises (borrower_id, due_on);

  create table idempotency_keys (
    caller text not null,
    key text not null,
    request_hash text not null,
    status integer,
    answer text,
    created_at timestamptz(3) not null default now(),
    primary key (caller, key)
  );

  create table api_keys (
    id text primary key,
    name text not null,
    hash text not null,
    scopes text[] not null,
    created_at timestamptz(3) not null default now(),
    expires_at timestamptz(3),
    revoked_at timestamptz(3)
  );
  `,
  `
  create table standings (
    borrower_id text not null,
    account_id text not null,
    as_of date not null,
    latest boolean not null,
    seq bigint not null,
    decision_id uuid not null,
    pd double precision,
    warning_level text,
    treatment text not null,
    arm text not null,
    withheld text,
    waiting_since date not null,
    days_past_due integer,
    exposure double precision,
    state jsonb not null,
    contact jsonb not null,
    stops jsonb not null,
    promises jsonb not null,
    primary key (borrower_id, account_id, as_of)
  );
  create index standings_treatment on standings (treatment, as_of) where latest;
  create index standings_pd on standings (pd desc) where latest;
  create index standings_as_of on standings (as_of) where latest;

  alter table contacts add column caller text, add column purpose text, add column party text,
    add column conversation boolean not null default false, add column permitted boolean;
  alter table promises add column caller text, add column made_on date;
  create index promises_account on promises (account_id, due_on);

  alter table outcomes drop constraint outcomes_pkey;
  alter table outcomes add column id bigint generated always as identity primary key,
    add column decision_id uuid, add column censored text;
  create index outcomes_account on outcomes (account_id, month, id);
  create index outcomes_decision on outcomes (decision_id) where decision_id is not null;

  create index alerts_open on alerts (kind, subject) where resolved_at is null;
  create index idempotency_keys_created on idempotency_keys (created_at);
  `,
  // What is known of borrowers, in one call: as a function its plan is made once, which takes most of its time.
  `
  create function recall(asked_of json, contact_days integer)
  returns table (contacts json, promises json, previous json) language plpgsql stable as $$
    begin
      return query
      with asked as (
        select r.place, r.borrower_id, r.account_ids, r.as_of
        from json_to_recordset(asked_of) as r (place int, borrower_id text, account_ids json, as_of date)
      )
      select
        (select coalesce(json_agg(json_build_object('borrowerId', c.borrower_id, 'contact', json_build_object(
            'accountId', coalesce(c.account_id, ''), 'channel', c.channel,
            'at', to_char(c.contacted_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'),
            'conversation', c.conversation)) order by c.contacted_at, c.id), '[]')
         from contacts c
         where c.borrower_id in (select a.borrower_id from asked a)
           and c.contacted_at > now() - make_interval(days => contact_days)
        ),
        (select coalesce(json_agg(json_build_object('borrowerId', p.borrower_id, 'promise', json_build_object(
            'accountId', p.account_id, 'madeOn', p.made_on::text, 'dueOn', p.due_on::text, 'amount', p.amount
          )) order by p.promised_at, p.id), '[]')
         from promises p where p.borrower_id in (select a.borrower_id from asked a)
        ),
        (select coalesce(json_agg(json_build_object('place', a.place, 'accountId', s.account_id, 'state', s.state)
            order by a.place, s.account_id), '[]')
         from asked a
         cross join lateral json_array_elements_text(a.account_ids) as account (id)
         cross join lateral (
           select t.account_id, t.state from standings t
           where t.borrower_id = a.borrower_id and t.account_id = account.id and t.as_of < a.as_of
           order by t.as_of desc limit 1
         ) s
        );
    end
  $$;
  `,
]

/** Number under which one program at a time takes the lock to change the tables or to extend the chain. */
export const advisoryLock = 4_274_436

/**
 * Brings the tables to this version's state; several programs may try at once.
 *
 * @throws Error if the tables are of a later version.
 */
export async function migrate(database: Database): Promise<void> {
  await database.transaction(async inside => {
    await inside.query('select pg_advisory_xact_lock($1)::text', [advisoryLock])
    await inside.execute(
      'create table if not exists migrations (step integer primary key, applied_at timestamptz not null)',
    )
    const [row] = await inside.query('select coalesce(max(step), 0)::int as done from migrations')
    const done = Number(row?.done)
    if (done > steps.length) {
      throw new Error(`the database has tables of step ${done}; this version of Harbinger knows ${steps.length}`)
    }
    for (let step = done; step < steps.length; step += 1) {
      await inside.execute(steps[step] as string)
      await inside.query('insert into migrations values ($1, now())', [step + 1])
    }
  })
}
