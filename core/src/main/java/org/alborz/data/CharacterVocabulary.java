package org.alborz.data;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.alborz.text.Given;
import org.alborz.text.Quoted;

/** The characters of a text as tokens: each has the number of its place among them, sorted by code point. */
public final class CharacterVocabulary {
    /** Of a file: every character of Unicode, in four bytes. */
    private static final long MOST_BYTES = 4L * (Character.MAX_CODE_POINT + 1);

    private static final char BYTE_ORDER_MARK = '\uFEFF';

    private final int[] characters;

    private CharacterVocabulary(int... characters) {
        this.characters = characters;
    }

    /**
     * Returns the vocabulary of the characters that occur in a text.
     *
     * @throws IllegalArgumentException if it is empty
     */
    public static CharacterVocabulary of(String text) {
        int[] distinct = Given.value(text, "CharacterVocabulary", "a text")
                .codePoints()
                .sorted()
                .distinct()
                .toArray();
        if (distinct.length == 0) {
            throw new IllegalArgumentException(
                    "CharacterVocabulary expects a text of at least one character, got none");
        }
        return new CharacterVocabulary(distinct);
    }

    /**
     * Reads a vocabulary that was {@linkplain #save saved}.
     *
     * @throws DataException if the file cannot be read, or holds characters that are not in order, each once
     */
    public static CharacterVocabulary load(Path file) {
        String text;
        try (InputStream in = FileInput.open(Given.value(file, "CharacterVocabulary", "a file"), MOST_BYTES)) {
            text = StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(in.readAllBytes()))
                    .toString();
        } catch (CharacterCodingException e) {
            throw new DataException(
                    "The vocabulary " + FileInput.name(file) + " expects text in UTF-8; save it again with save(file)",
                    e);
        } catch (IOException e) {
            throw FileInput.unreadable(file, e);
        }
        int[] characters = text.codePoints().skip(isMarked(text) ? 1 : 0).toArray();
        for (int i = 1; i < characters.length; i++) {
            if (characters[i] <= characters[i - 1]) {
                throw new DataException("The vocabulary " + Quoted.text(file.toString())
                        + " expects characters in the order of their code points, each once, got the one at place " + i
                        + " out of order; save it again with save(file)");
            }
        }
        if (characters.length == 0) {
            throw new DataException("The vocabulary " + FileInput.name(file) + " is empty; save it again");
        }
        return new CharacterVocabulary(characters);
    }

    /** Returns whether the first character is an editor's byte order mark, since one of the vocabulary would stand behind lower ones. */
    private static boolean isMarked(String text) {
        return text.length() > 1 && text.charAt(0) == BYTE_ORDER_MARK && text.codePointAt(1) < BYTE_ORDER_MARK;
    }

    /** Writes the characters to a file as UTF-8, for {@link #load} beside a trained model. */
    public void save(Path file) {
        try {
            Files.writeString(Given.value(file, "CharacterVocabulary", "a file"), characters());
        } catch (IOException e) {
            throw new DataException(
                    "The vocabulary cannot be written to " + Quoted.text(file.toString()) + ": " + e, e);
        }
    }

    /** Returns the characters in the order of their tokens, of which {@link #of} makes the same vocabulary. */
    public String characters() {
        return new String(characters, 0, characters.length);
    }

    /** Returns how many tokens there are. */
    public int size() {
        return characters.length;
    }

    /**
     * Returns the tokens of a text.
     *
     * @throws IllegalArgumentException if it has a character that the vocabulary has not
     */
    public int[] encode(String text) {
        int[] tokens = Given.value(text, "encode", "a text").codePoints().toArray();
        for (int i = 0; i < tokens.length; i++) {
            int token = Arrays.binarySearch(characters, tokens[i]);
            if (token < 0) {
                throw new IllegalArgumentException("encode expects the " + characters.length
                        + " characters of the vocabulary, got " + Quoted.text(Character.toString(tokens[i]))
                        + " at place " + i);
            }
            tokens[i] = token;
        }
        return tokens;
    }

    /**
     * Returns the text of tokens.
     *
     * @throws IllegalArgumentException if one is not of the vocabulary
     */
    public String decode(int... tokens) {
        StringBuilder text = new StringBuilder();
        for (int token : Given.value(tokens, "decode", "tokens")) {
            if (token < 0 || token >= characters.length) {
                throw new IllegalArgumentException(
                        "decode expects tokens from 0 to " + (characters.length - 1) + ", got " + token);
            }
            text.appendCodePoint(characters[token]);
        }
        return text.toString();
    }
}
