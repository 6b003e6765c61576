import type { ForeignDatabase } from '#store';

type Row = Readonly<Record<string, unknown>>;

/** Rows of a LiteLLM database, by what they are. */
export interface LitellmRows {
  readonly budgets: readonly Row[];
  readonly organizations: readonly Row[];
  readonly teams: readonly Row[];
  readonly users: readonly Row[];
  readonly customers: readonly Row[];
  readonly keys: readonly Row[];
}

const TABLES = {
  budgets: 'LiteLLM_BudgetTable',
  organizations: 'LiteLLM_OrganizationTable',
  teams: 'LiteLLM_TeamTable',
  users: 'LiteLLM_UserTable',
  customers: 'LiteLLM_EndUserTable',
  keys: 'LiteLLM_VerificationToken',
} as const;

/** Columns that stay where they are: passwords and other secrets. */
const LEFT = new Set(['password', 'sso_user_id', 'object_permission_id', 'model_spend']);

/** Reads what can be carried over; a table that this version of LiteLLM does not have is empty. Throws `storage_failed`. */
export async function readLitellmDatabase(database: ForeignDatabase): Promise<LitellmRows> {
  const read = async (table: string): Promise<readonly Row[]> => {
    const [found] = await database.query(`select to_regclass('public."${table}"') is not null as there`);
    if (found?.['there'] !== true) return [];
    const rows = await database.query(`select * from "${table}"`);
    return rows.map((row) => Object.fromEntries(Object.entries(row).filter(([name]) => !LEFT.has(name))));
  };
  const [budgets, organizations, teams, users, customers, keys] = [
    await read(TABLES.budgets),
    await read(TABLES.organizations),
    await read(TABLES.teams),
    await read(TABLES.users),
    await read(TABLES.customers),
    await read(TABLES.keys),
  ];
  return { budgets, organizations, teams: teams.map((team) => ({ ...team, rest_of_spend: restOf(team, keys) })), users, customers, keys };
}

/** What a team has spent with keys that are gone. */
function restOf(team: Row, keys: readonly Row[]): number {
  const ofKeys = keys.filter((key) => key['team_id'] === team['team_id']).reduce((sum, key) => sum + Number(key['spend'] ?? 0), 0);
  return Math.max(0, Number(team['spend'] ?? 0) - ofKeys);
}
