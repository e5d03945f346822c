package org.alborz.data;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.alborz.text.Given;

/**
 * Converts text to tokens and back by byte-pair encoding (Sennrich et al. 2016; on bytes as Radford et al. 2019): tokens 0 to 255 are the
 * bytes of UTF-8, and each further one is two tokens that often followed each other in the training text.
 *
 * <pre>{@code
 * BytePairTokenizer tokenizer = BytePairTokenizer.train(text, 1000);
 * int[] tokens = tokenizer.encode("What is a token?");
 * String same = tokenizer.decode(tokens);
 * }</pre>
 *
 * <p>Decoding gives exactly the bytes that were encoded, whatever they are. Tokens do not cross the border of a word, which is a run of
 * letters, of digits, or of other characters, each with one space before it, or a run of white space. Letters are those of ASCII and all
 * bytes above, so that the result depends on no table of Unicode; a word has at most 256 bytes.
 *
 * <p>It can be used by several threads at once.
 */
public final class BytePairTokenizer {
    static final int BYTES = 256;
    static final int MOST_TOKENS = 1 << 20;

    /** The two tokens that each token from 256 on consists of. */
    private final List<Pair> merges;

    private final Map<Pair, Integer> tokens;

    /** The bytes of each token. */
    private final byte[][] bytes;

    /** Two tokens, one after another. */
    record Pair(int first, int second) {}

    BytePairTokenizer(List<Pair> merges) {
        this.merges = List.copyOf(merges);
        this.tokens = new HashMap<>();
        this.bytes = new byte[BYTES + merges.size()][];
        for (int i = 0; i < BYTES; i++) {
            bytes[i] = new byte[] {(byte) i};
        }
        for (int i = 0; i < merges.size(); i++) {
            Pair pair = merges.get(i);
            byte[] first = bytes[pair.first()];
            byte[] second = bytes[pair.second()];
            bytes[BYTES + i] = Arrays.copyOf(first, first.length + second.length);
            System.arraycopy(second, 0, bytes[BYTES + i], first.length, second.length);
            tokens.put(pair, BYTES + i);
        }
    }

    /**
     * Learns a vocabulary from a text: again and again, the two tokens that most often follow each other within words become one. Of
     * pairs that are equally frequent the one of smaller tokens is taken, so that the same text gives the same vocabulary.
     *
     * @param size how many tokens there are to be, from 256 to 2²⁰; there are fewer where no pair occurs twice any more
     */
    public static BytePairTokenizer train(String text, int size) {
        return train(Given.value(text, "BytePairTokenizer", "a text").getBytes(StandardCharsets.UTF_8), size);
    }

    /** Learns a vocabulary from bytes, as {@link #train(String, int)} does. */
    public static BytePairTokenizer train(byte[] text, int size) {
        if (size < BYTES || size > MOST_TOKENS) {
            throw new IllegalArgumentException(
                    "BytePairTokenizer expects " + BYTES + " to " + MOST_TOKENS + " tokens, got " + size);
        }
        return new BytePairTokenizer(
                new BytePairTraining(Given.value(text, "BytePairTokenizer", "a text")).merges(size - BYTES));
    }

    /** Returns the number of tokens; they are from 0 to one less. */
    public int size() {
        return bytes.length;
    }

    /** Returns the bytes of a token. */
    public byte[] bytes(int token) {
        return bytes[requireToken(token)].clone();
    }

    /** Returns the tokens of a text, which is encoded in UTF-8. */
    public int[] encode(String text) {
        return encode(Given.value(text, "encode", "a text").getBytes(StandardCharsets.UTF_8));
    }

    /** Returns the tokens of any bytes. */
    public int[] encode(byte[] text) {
        int[] encoded = new int[Given.value(text, "encode", "bytes").length];
        int count = 0;
        for (int from = 0, to; from < text.length; from = to) {
            to = ByteWords.end(text, from);
            count += encode(text, from, to, encoded, count);
        }
        return Arrays.copyOf(encoded, count);
    }

    /** Writes the tokens of one word and returns their number: the pair that was learned first is replaced first. */
    private int encode(byte[] text, int from, int to, int[] into, int at) {
        int count = to - from;
        for (int i = 0; i < count; i++) {
            into[at + i] = text[from + i] & 0xFF;
        }
        while (count > 1) {
            int least = Integer.MAX_VALUE;
            for (int i = 0; i + 1 < count; i++) {
                Integer token = tokens.get(new Pair(into[at + i], into[at + i + 1]));
                least = token != null ? Math.min(least, token) : least;
            }
            if (least == Integer.MAX_VALUE) {
                break;
            }
            count = replace(merges.get(least - BYTES), least, into, at, count);
        }
        return count;
    }

    /** Puts a token in place of each occurrence of a pair, from the front on, and returns how many tokens are left. */
    static int replace(Pair pair, int token, int[] word, int at, int count) {
        int to = at;
        for (int i = at; i < at + count; i++) {
            if (word[i] == pair.first() && i + 1 < at + count && word[i + 1] == pair.second()) {
                word[to++] = token;
                i++;
            } else {
                word[to++] = word[i];
            }
        }
        return to - at;
    }

    /**
     * Returns the bytes of tokens.
     *
     * @throws IllegalArgumentException when there is no such token
     */
    public byte[] decodeBytes(int... encoded) {
        int length = 0;
        for (int token : Given.value(encoded, "decode", "tokens")) {
            length = Math.addExact(length, bytes[requireToken(token)].length);
        }
        byte[] text = new byte[length];
        int at = 0;
        for (int token : encoded) {
            System.arraycopy(bytes[token], 0, text, at, bytes[token].length);
            at += bytes[token].length;
        }
        return text;
    }

    /** Returns the text of tokens; bytes that are not UTF-8, as of half a character, become the replacement character. */
    public String decode(int... encoded) {
        return new String(decodeBytes(encoded), StandardCharsets.UTF_8);
    }

    private int requireToken(int token) {
        if (token < 0 || token >= bytes.length) {
            throw new IllegalArgumentException(
                    "A token from 0 to " + (bytes.length - 1) + " is expected, got " + token);
        }
        return token;
    }

    /** Writes the vocabulary as JSON: the two tokens that each further token consists of. */
    public void save(Path file) {
        BytePairFile.write(Given.value(file, "save", "a file"), merges);
    }

    /**
     * Reads a vocabulary that {@link #save} wrote.
     *
     * @throws DataException when the file is missing or holds no vocabulary
     */
    public static BytePairTokenizer load(Path file) {
        return new BytePairTokenizer(BytePairFile.read(Given.value(file, "load", "a file")));
    }

    /** Returns the vocabulary as {@link #save} writes it, such as for the metadata of a checkpoint. */
    public String toJson() {
        return BytePairFile.text(merges);
    }

    /**
     * Reads a vocabulary that {@link #toJson} wrote.
     *
     * @throws DataException when the text holds no vocabulary
     */
    public static BytePairTokenizer ofJson(String json) {
        return new BytePairTokenizer(BytePairFile.parse(Given.value(json, "BytePairTokenizer", "a text")));
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof BytePairTokenizer that && merges.equals(that.merges);
    }

    @Override
    public int hashCode() {
        return merges.hashCode();
    }

    @Override
    public String toString() {
        return "BytePairTokenizer[size=" + size() + " " + Integer.toHexString(hashCode()) + "]";
    }
}
