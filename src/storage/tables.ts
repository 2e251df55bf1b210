/** The tables of the state database, as the last migration leaves them. */
export interface StateTables {
  item: ItemTable;
  item_category: ItemCategoryTable;
  item_number: ItemNumberTable;
  profile: ProfileTable;
  recommendation_key: RecommendationKeyTable;
  outcome: OutcomeTable;
  outcome_count: OutcomeCountTable;
}

export interface ItemTable {
  project: number;
  id: string;
  title: string;
  /** A JSON array of strings. */
  creators: string;
  /** A JSON array of strings, strongest first. */
  categories: string;
  description: string;
  /** A JSON object of strings, its names in order. */
  properties: string;
}

/** What the full-text index calls items by; triggers keep it. */
interface ItemNumberTable {
  number: number;
  project: number;
  item_id: string;
}

/** The categories of items once more, to find items by. */
interface ItemCategoryTable {
  project: number;
  category: string;
  item_id: string;
}

export interface ProfileTable {
  project: number;
  id: string;
  first_name: string;
  last_name: string;
  email: string;
  /** The email as all its spellings have it: unique. */
  email_key: string;
  /** "" for none. */
  image_url: string;
  /** In milliseconds since 1970. */
  create_time: number;
  /** In milliseconds since 1970. */
  update_time: number;
}

/** What the ids of recommendations are sealed with: one row, made at the first start. */
interface RecommendationKeyTable {
  /** 32 random bytes, in base64url. */
  key: string;
}

/** Items of recommendations that came into view, as long as more may be said of them. */
interface OutcomeTable {
  project: number;
  /** When it was recommended: the hour, from 1970. */
  hour: number;
  /** What tells the recommendation from others of that hour. */
  recommendation: string;
  /** A digest of the item's id; "" for the recommendation itself. */
  item: string;
  /** Whether it was clicked, or any of its items: 0 or 1. */
  clicked: number;
}

/** How much came into view, and was clicked, of what was recommended in an hour. */
interface OutcomeCountTable {
  project: number;
  hour: number;
  variant: string;
  /** When the training of the model ended, in milliseconds since 1970; 0 for none. */
  trained_time: number;
  recommendations: number;
  clicked_recommendations: number;
  impressions: number;
  clicks: number;
}
