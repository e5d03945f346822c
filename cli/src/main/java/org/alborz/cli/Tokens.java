package org.alborz.cli;

import org.alborz.data.BytePairTokenizer;
import org.alborz.data.CharacterVocabulary;

/** What a text is made of for a language model, kept in its checkpoints. */
sealed interface Tokens {
    /** Returns how many there are. */
    int size();

    int[] encode(String text);

    String decode(int... tokens);

    /** Returns what {@link #parse} takes. */
    String toText();

    /** The characters of the text that was learned. */
    record Characters(CharacterVocabulary vocabulary) implements Tokens {
        private static final String PREFIX = "characters:";

        @Override
        public int size() {
            return vocabulary.size();
        }

        @Override
        public int[] encode(String text) {
            return vocabulary.encode(text);
        }

        @Override
        public String decode(int... tokens) {
            return vocabulary.decode(tokens);
        }

        @Override
        public String toText() {
            return PREFIX + vocabulary.characters();
        }
    }

    /** Byte pairs that were frequent in the text that was learned. */
    record BytePairs(BytePairTokenizer tokenizer) implements Tokens {
        private static final String PREFIX = "byte-pairs:";

        @Override
        public int size() {
            return tokenizer.size();
        }

        @Override
        public int[] encode(String text) {
            return tokenizer.encode(text);
        }

        @Override
        public String decode(int... tokens) {
            return tokenizer.decode(tokens);
        }

        @Override
        public String toText() {
            return PREFIX + tokenizer.toJson();
        }
    }

    /**
     * Reads what a checkpoint holds.
     *
     * @throws IllegalArgumentException when it is damaged
     */
    static Tokens parse(String text) {
        if (text != null && text.startsWith(Characters.PREFIX)) {
            return new Characters(CharacterVocabulary.of(text.substring(Characters.PREFIX.length())));
        }
        if (text != null && text.startsWith(BytePairs.PREFIX)) {
            return new BytePairs(BytePairTokenizer.ofJson(text.substring(BytePairs.PREFIX.length())));
        }
        throw new IllegalArgumentException("it names no tokens of a text");
    }
}
