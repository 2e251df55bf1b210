/** What somebody tells of themselves. Bounds are those of profiles.v1.Profile. */
export interface ProfileFields {
  readonly firstName: string;
  readonly lastName: string;
  /** As it was given. Unique in its project, whatever its case. */
  readonly email: string;
  /** "" for none. */
  readonly imageUrl: string;
}

/** Somebody who views. */
export interface Profile extends ProfileFields {
  /** A UUID, greater than those of all profiles that are older. */
  readonly id: string;
  /** In milliseconds since 1970. */
  readonly createTime: number;
  /** In milliseconds since 1970. */
  readonly updateTime: number;
}
