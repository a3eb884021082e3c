# Turns a source of examples/corpus.sh into plain lines: lower-case words a-z between single blanks,
# a paragraph, sense, gloss or verse a line.
# usage: perl corpus.pl gcide|foldoc|wordnet|anarchism|fortunes|bible <TEXT
use strict;
use warnings;

my %written_out = (
    "let's" => 'let us', wo => 'will', ca => 'can', "n't" => ' not', "'ll" => ' will',
    "'re" => ' are', "'ve" => ' have', "'m" => ' am',
);

# Prints one line, unless it has no two words. Digits are dropped, since here they count senses,
# pages and years; contractions are written out, and a possessive loses its 's.
sub put {
    my ($text) = @_;
    utf8::decode($text);    # what is no UTF-8 counts as Latin-1
    $text = lc $text;
    $text =~ tr/\xe0-\xe5\xe7-\xef/aaaaaaceeeeiiii/;      # letters with accents
    $text =~ tr/\xf1-\xf6\xf8-\xfd\xff/noooooouuuuyy/;
    $text =~ s/\xe6/ae/g;
    $text =~ s/[\x{2018}\x{2019}`]/'/g;
    $text =~ s/\b(it|he|she|that|this|there|here|what|who|where|how)'s\b/$1 is/g;
    $text =~ s/\b(let's|wo(?=n't)|ca(?=n't))/$written_out{$1}/g;
    $text =~ s/(n't|'ll|'re|'ve|'m)\b/$written_out{$1}/g;
    $text =~ s/'s\b//g;
    $text =~ s/(?<=[a-z])'(?=[a-z])//g;                   # o'clock
    $text =~ s/\be\.g\./for example/g;
    $text =~ s/\bi\.e\./that is/g;
    $text =~ s/\d+(?:st|nd|rd|th|s)?\b/ /g;
    $text =~ s/[^a-z]+/ /g;
    $text =~ s/^ | $//g;
    print "$text\n" if $text =~ / /;
}

# The paragraphs of standard input, without the dictionary's description of itself.
sub paragraphs {
    local $/ = '';
    my @all = <STDIN>;
    my $first = 0;
    for my $i (0 .. $#all) { $first = $i + 1 if $all[$i] =~ /^00-?database/ }
    return @all[$first .. $#all];
}

my $speech = qr/(?:prop|n|a|v|t|i|adv|adj|p|pr|pp|prep|conj|interj|pron|pl|sing|fem|masc|imp|superl|
    compar|vb|auxiliary|obs|def|indef|art)/x;

# Drops from the first paragraph of an entry what is no sentence: pronunciation, part of speech.
# "Rhomb \Rhomb\ (r[o^]mb), n.; pl. {Rhombs}. A figure" becomes ("Rhomb", "A figure").
sub split_entry {
    my ($text) = @_;
    my ($head) = $text =~ /^([^\\]+?)[\s,]*\\/ or return;
    $text =~ s/^.*\\\s*(?:\([^)]*\))?//s;
    my $label = qr/$speech\.(?=[\s,;:&]|$)|$speech(?= ?&)|pl\. \{[^}]*\}|\([^)]*\)/i;
    1 while $text =~ s/^[\s,;:&.]*$label//;
    return ($head, $text);
}

# An entry of the dictionary is a paragraph with the headword and others with numbered senses,
# quotations and compounds. A sense begins with its headword.
sub gcide {
    my $head = '';
    for (paragraphs()) {
        s/\[1913 Webster\][^\[\n]*$//;                    # with the next headword, misplaced
        s/\[[^A-Za-z0-9\]\s]{1,2}([A-Za-z]{1,2})\]/$1/g;  # accents: [^a]
        s/\[([a-z])\^\]/$1/g;                            # and [a^]
        1 while s/\[[^\[\]]*\]//g;                        # origin, source, usage
        s/--\s*\{[^}]*["*`][^}]*\},(?:\s*$speech\.)+//g; # -- {Ped"ate*ly}, adv.
        my $entry = /^\S/;
        my $sense = /^ {3}(?:\d+\.|\([a-z]\)|Syn:)/;
        s/\s+/ /g;
        if ($entry) {
            my ($word, $rest) = split_entry($_) or next;
            ($head, $_, $sense) = ($word, $rest, 1);
        }
        s/-- $speech\.//g;                                # -- n.
        s/\([a-z]\)//g;                                  # (a)
        s/\b[Ee]sp\./especially/g;
        s/--(?=[A-Z(])[^;:{]{1,70}$//;                    # who said it
        s/--[A-Z][A-Za-z.'& ]{0,30}?\.(?= *(?:[A-Z"\d{(-]|$))//g;
        s/\([A-Z][A-Za-z.&, ]{0,30}\.\)//g;               # a field: (Bot.)
        s/\b(?:See|Cf\.)(?: also| under| the \w+ under)? \{[^.]*\.//g;
        s/^ *(?:Syn|Note)://;
        s/\b(?:Syn|Note|Usage): / /g;
        put($sense ? "$head $_" : $_) if /[a-z]{2}/;
    }
}

# An entry has its headwords at the margin; then come paragraphs, the first with its field.
sub foldoc {
    my $head = '';
    for (paragraphs()) {
        if (/^(\S[^\n]*)\n/) {
            $head = $1;
            next unless s/^.*?\n(?= )//s;
        }
        s/<[a-z][a-z ,\/-]*>//g;                           # a field: <programming>
        s/\{?\(?\b(?:https?|ftp|news|mailto):[^\s)}]*\)?//g;
        s/<?\S+@\S+//g;
        1 while s/\[[^\[\]]*\]//g;                         # books
        s/\b(?:See also|See|Compare) \{[^.]*\.?//g;
        next unless /[a-z]{3}.*[a-z]{2}/s;
        put("$head $_");
        $head = '';
    }
}

# "offset file type n word sense ... | gloss": the words of a meaning before what it is, and the
# examples by themselves.
sub wordnet {
    while (<STDIN>) {
        next unless /^\d{8} \d\d \w (\w\w) ([^|]*)\| (.*)/;
        my ($n, $gloss) = (hex $1, $3);
        my @fields = split ' ', $2;
        my $words = join ' ', map { $fields[2 * $_] } 0 .. $n - 1;
        $words =~ s/\(\w+\)//g;                            # where an adjective stands
        $words =~ tr/_/ /;
        my ($meaning, @examples) = split /; ?(?=")/, $gloss;
        put("$words $meaning");
        put($_) for @examples;
    }
}

# HTML, a block a line.
sub anarchism {
    local $/;
    my $text = <STDIN>;
    $text =~ s/<(head|script|style)\b.*?<\/\1>//gis;
    $text =~ s/\s+/ /g;
    $text =~ s/<(?:\/?(?:p|h\d|div|li|ul|ol|blockquote|td|tr|table|body)|hr)\b[^>]*>/\n/gi;
    $text =~ s/<br *\/?>/ /gi;
    $text =~ s/<[^>]*>//g;
    $text =~ s/&#(\d+);/chr $1/ge;
    $text =~ s/&\w+;/ /g;
    $text =~ s/\[[^\[\]]*(?:\bpp?\.|Op\. Cit|quoted by|sic)[^\[\]]*\]//gi;
    $text =~ s/[\[\]]//g;                                  # "[n]othing"
    $text =~ s/\S*(?:https?:|www\.)\S*//g;
    put($_) for split /\n/, $text;
}

sub fortunes {
    local $/ = "\n%\n";
    while (<STDIN>) {
        s/^%$//mg;
        s/^\s+--.*//ms;                                    # who said it
        put($_);
    }
}

# Verses: "Ge1:1 In the beginning".
sub bible {
    while (<STDIN>) {
        s/^\S+ //;
        put($_);
    }
}

my %sources = (
    gcide => \&gcide, foldoc => \&foldoc, wordnet => \&wordnet, anarchism => \&anarchism,
    fortunes => \&fortunes, bible => \&bible,
);
my $read = $sources{@ARGV ? $ARGV[0] : ''};
die "usage: perl corpus.pl " . join('|', sort keys %sources) . " <TEXT\n" unless $read;
$read->();
