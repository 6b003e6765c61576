/** Short, frequent English words: most tokenizers have each of them, with the space before it, as one token. */
export const WORDS: readonly string[] = Object.freeze(
  (
    'able about above across act add age ago air all also among animal answer any area arm army around art ask away baby back bad ball band bank base ' +
    'beat bed been bell best big bird bit black blood blue board boat body bone book born both box boy bread bring brown build burn busy buy call came ' +
    'camp can car care case cat cause cell center chair chance change child choose circle city class clean clear climb clock close cloud coat cold color ' +
    'come common cook cool copy corn cost could count course cover cow crop cross cry current cut dance dark day dead deal dear deep desk die differ dog ' +
    'door double down draw dream dress drink drive drop dry early earth ease east eat edge effect egg eight else end enemy energy engine enter equal even ' +
    'event ever exact eye face fact fair fall family far farm fast fat father favor fear feed feel feet fell few field fig fight fill final find fine ' +
    'finger fire first fish fit five flat floor flow flower fly follow food foot force forest form forward found four free fresh friend front fruit full ' +
    'fun game garden gas general gentle girl give glad glass gold good got grand grass gray great green grew ground group grow guess guide gun hair half'
  ).split(' '),
);
