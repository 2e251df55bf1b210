import { Zone } from "./zones.ts";

/** What random views and questions are made of: few of each, so that they meet, and odd ones. */

export const zones = [
  "UTC",
  "Europe/Amsterdam",
  "America/New_York",
  "Australia/Lord_Howe",
  "Asia/Kolkata",
  "America/Sao_Paulo",
  "Pacific/Apia",
  "Antarctica/Troll",
] as const;

export const videos = [
  "big-buck-bunny",
  "Big-Buck-Bunny",
  "100%",
  "100_",
  "1000",
  'o\'hara "quoted"',
  "été",
  "e\u0301te\u0301",
  "\u{1f600} smile",
  "\uff5e wave",
  "back\\slash",
  " space ",
  "nul\u0000 byte",
  "nul\u0000",
];

/** The first one is nobody. */
export const viewers = [
  "",
  "ann",
  "Ann",
  "bob",
  "b%b",
  "cid",
  "d'Arcy",
  "eve\u{1f98a}",
  "0",
  "null",
];

/** As they are sent; in either case. */
export const countries = ["", "NL", "nl", "US", "us", "BR", "AU", "WS", "in", "De"];

export const devices = [
  "",
  "phone",
  "Phone",
  "tv",
  "tab'let",
  "50%_\\",
  "\u{1f4fa}",
  "null",
  "a\tb",
];

export const referrers = [
  "",
  "https://example.org/a?b=c#d",
  "HTTPS://WWW.Example.ORG/",
  "http://www.example.org:8080/x",
  "https://user:pass@example.org/",
  "https://user@www.example.com:443",
  "http://example.com?q=http://other.example/",
  "http://sub.www.example.com#www.",
  "example.org/path",
  "www.example.org",
  "//example.org/path",
  "mailto:someone@example.org",
  "android-app://com.example.App/x",
  "about:blank",
  "https://",
  "a b c",
  "newsletter%_",
  "http://localhost/",
  "http://192.0.2.1:8080/",
  "https://wwwexample.org/",
  "https://m.example.org/www.x",
  "http://www.",
  "http://www.www.example.org",
  "https://[2001:DB8::1]:8080/x",
  "https://EXAMPLE.org.",
  "http://a@b@www.example.org:1:2/",
  "http:///path",
  "1http://example.org/",
  " https://example.org/",
  "https://example.org\\@other.example/",
  "x+y-z.1://Example.org/",
  "https://\u00c9t\u00e9.example/",
  "https://example.org\n/",
  "https://www.example.org\u0000/",
];

export const properties = new Map<string, readonly string[]>([
  ["plan", ["free", "Free", "pro", "fr%e"]],
  ["a.b", ["1", "2"]],
  ["a", ['{"b":"3"}', "1"]],
  ["$", ["dollar", "$.plan"]],
  ["$.plan", ["path"]],
  ["nul\u0000", ["1"]],
  ["7", ["seven"]],
  ["__proto__", ["proto", "null"]],
  ["constructor", ["x"]],
  ["quo\"te'", ["it's", '"', "\\"]],
  ["\u{1f511} key", ["\u{1f600}", "\uff5e"]],
  ["*", ["star"]],
  ["[0]", ["zero", "true"]],
  ["/a~1b", ["pointer", "\n", "a\u0000", "a"]],
]);

/** A property that no view has. */
export const unknownProperty = "never";

export const userAgents = {
  people: [
    "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36",
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:133.0) Gecko/20100101 Firefox/133.0",
  ],
  bots: [
    "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
    "Mozilla/5.0 (compatible; bingbot/2.0; +http://www.bing.com/bingbot.htm)",
  ],
  /** Programs that are no browsers, though bots they are: they may call for people. */
  callers: ["curl/8.5.0", "python-requests/2.32"],
};

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

/** Moments around which time is odd in some zone, or a bucket of it ends. */
export const moments: readonly number[] = [
  ...zones.flatMap((name) => {
    const zone = Zone.of(name);
    const changes = zone.transitions.filter((time) => {
      const year = new Date(time).getUTCFullYear();
      return year === 2018 || year === 2024 || (name === "Pacific/Apia" && year === 2011);
    });
    const borders = [
      [2011, 11, 31],
      [2018, 0, 1],
      [2019, 11, 30],
      [2021, 0, 1],
      [2021, 0, 4],
      [2024, 1, 29],
      [2024, 2, 1],
      [2024, 9, 31],
    ].map(([year = 0, month = 0, day = 0]) => zone.moment(Date.UTC(year, month, day)));
    return [...changes, ...borders];
  }),
];

/** How far from such a moment things are put, apart from random distances. */
export const distances: readonly number[] = [
  0,
  0,
  1,
  -1,
  HOUR / 2,
  -HOUR / 2,
  HOUR,
  HOUR - 1,
  -HOUR,
  -HOUR - 1,
  DAY,
  -DAY,
  DAY - 1,
];
