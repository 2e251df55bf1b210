import { sql } from "kysely";
import type { Caller } from "../caller.ts";
import { DomainError, notFound } from "../errors.ts";
import type { StateDatabase } from "../storage/state.ts";
import type { ProfileTable } from "../storage/tables.ts";
import { newUuid } from "../uuid.ts";
import { emailKey } from "./email.ts";
import type { Profile, ProfileFields } from "./profile.ts";

type Row = Omit<ProfileTable, "project" | "email_key">;

const columns = [
  "id",
  "first_name",
  "last_name",
  "email",
  "image_url",
  "create_time",
  "update_time",
] as const;

/** Keeps the profiles of those who view, in the state database. */
export class Profiles {
  readonly #db: StateDatabase;

  constructor(db: StateDatabase) {
    this.#db = db;
  }

  /**
   * Creates a profile, and gives it an id.
   *
   * @throws DomainError "already_exists" if another one has the email address.
   */
  async create({ project }: Caller, fields: ProfileFields): Promise<Profile> {
    // The connection is lent to one at a time. An id that is made once it is
    // ours is greater than all that a listing can have seen.
    return await this.#db.connection().execute(async (db) => {
      const now = Date.now();
      const profile = { ...fields, id: newUuid(), createTime: now, updateTime: now };
      const { numInsertedOrUpdatedRows: inserted } = await db
        .insertInto("profile")
        .values({ project, ...rowOf(profile), email_key: emailKey(fields.email) })
        .onConflict((conflict) => conflict.columns(["project", "email_key"]).doNothing())
        .executeTakeFirstOrThrow();
      if (inserted === 0n) throw emailTaken("email");
      return profile;
    });
  }

  /** The profile; undefined if there is none. */
  async get({ project }: Caller, id: string): Promise<Profile | undefined> {
    const row = await this.#db
      .selectFrom("profile")
      .select(columns)
      .where("project", "=", project)
      .where("id", "=", id)
      .executeTakeFirst();
    return row === undefined ? undefined : profileOf(row);
  }

  /**
   * Changes what `changes` has, all of it or nothing, and tells how the profile
   * is then. What is the same already changes nothing, nor the update time.
   *
   * @throws DomainError "not_found" if there is no such profile, and
   * "already_exists" if another one has the email address.
   */
  async update({ project }: Caller, id: string, changes: Partial<ProfileFields>): Promise<Profile> {
    return await this.#db.transaction().execute(async (tx) => {
      const row = await tx
        .selectFrom("profile")
        .select(columns)
        .where("project", "=", project)
        .where("id", "=", id)
        .executeTakeFirst();
      if (row === undefined) throw notFound("profile.id", "profile", id);
      const before = profileOf(row);
      const profile = { ...before, ...changes, updateTime: Date.now() };
      if (sameFields(before, profile)) return before;
      // "or ignore" leaves the row as it is if the unique index has the address.
      const { numAffectedRows: updated } = await sql`
        update or ignore profile set
          first_name = ${profile.firstName}, last_name = ${profile.lastName},
          email = ${profile.email}, email_key = ${emailKey(profile.email)},
          image_url = ${profile.imageUrl}, update_time = ${profile.updateTime}
        where project = ${project} and id = ${id}
      `.execute(tx);
      if (updated === 0n) throw emailTaken("profile.email");
      return profile;
    });
  }

  /** Up to `limit` profiles, oldest first, after the id `after` ("" for the beginning). */
  async list(
    { project }: Caller,
    options: { readonly after: string; readonly limit: number },
  ): Promise<Profile[]> {
    const rows = await this.#db
      .selectFrom("profile")
      .select(columns)
      .where("project", "=", project)
      .where("id", ">", options.after)
      .orderBy("id")
      .limit(options.limit)
      .execute();
    return rows.map(profileOf);
  }

  /** Whether there was such a profile to delete. */
  async delete({ project }: Caller, id: string): Promise<boolean> {
    const { numDeletedRows } = await this.#db
      .deleteFrom("profile")
      .where("project", "=", project)
      .where("id", "=", id)
      .executeTakeFirstOrThrow();
    return numDeletedRows > 0n;
  }
}

/** `field` is the field of the request that has the address. Whose it is, is nobody's business. */
function emailTaken(field: string): DomainError {
  return new DomainError("already_exists", `${field}: another profile has this address`, {
    reason: "EMAIL_TAKEN",
    violations: [{ field, description: "Another profile has this address, whatever its case." }],
  });
}

function sameFields(one: ProfileFields, other: ProfileFields): boolean {
  return (
    one.firstName === other.firstName &&
    one.lastName === other.lastName &&
    one.email === other.email &&
    one.imageUrl === other.imageUrl
  );
}

function rowOf(profile: Profile): Row {
  return {
    id: profile.id,
    first_name: profile.firstName,
    last_name: profile.lastName,
    email: profile.email,
    image_url: profile.imageUrl,
    create_time: profile.createTime,
    update_time: profile.updateTime,
  };
}

function profileOf(row: Row): Profile {
  return {
    id: row.id,
    firstName: row.first_name,
    lastName: row.last_name,
    email: row.email,
    imageUrl: row.image_url,
    createTime: row.create_time,
    updateTime: row.update_time,
  };
}
