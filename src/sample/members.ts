/** The fields of a profile. */
export interface Member {
  readonly firstName: string;
  readonly lastName: string;
  readonly email: string;
}

/** Names of nobody in particular. */
const names = [
  "Ada Lindholm",
  "Amara Okoro",
  "Anton Weber",
  "Aya Mori",
  "Beatriz Campos",
  "Ben Whitlock",
  "Carmen Ruiz",
  "Chloé Garnier",
  "Daan Visser",
  "Dev Malhotra",
  "Elin Sandberg",
  "Emeka Obi",
  "Farah Siddiqui",
  "Felix Brandt",
  "Grace Ellison",
  "Hana Sato",
  "Hugo Marchand",
  "Ines Ferreira",
  "Isla Macrae",
  "Jonas Keller",
  "Joy Adeyemi",
  "Kai Nakano",
  "Lena Hoffmann",
  "Lucas Moreau",
  "Maya Pillai",
  "Mei Tanaka",
  "Milo Jansen",
  "Nadia Haddad",
  "Noah Fairchild",
  "Olive Barker",
  "Omar Nasser",
  "Paula Ibáñez",
  "Priya Raman",
  "Rosa Almeida",
  "Sam Holloway",
  "Sofia Lund",
  "Theo Lambert",
  "Tomás Vega",
  "Wren Calloway",
  "Zoë Hartman",
];

/**
 * Those of the audience who have a profile. Their last names end in "(sample)",
 * and their addresses are in a domain that nobody can have (RFC 2606).
 */
export const members: readonly Member[] = names.map((name) => {
  const [firstName = "", lastName = ""] = name.split(" ");
  const plain = name.normalize("NFKD").replaceAll(/\p{M}/gu, "").toLowerCase();
  const email = `${plain.replace(" ", ".")}@sample.example`;
  return { firstName, lastName: `${lastName} (sample)`, email };
});
