package org.alborz.data;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import org.alborz.text.Given;
import org.alborz.text.Quoted;
import org.alborz.text.Utf8;
import org.alborz.type.DType;

/**
 * The lines of a text, each a sample: the field {@code tokens} is int32 {@code [L]}, L being the line's number of tokens. Blank lines are left
 * out. A loader pads the lines of a batch to the longest; see {@link Padding}.
 *
 * <pre>{@code
 * CharacterVocabulary vocabulary = CharacterVocabulary.of(Files.readString(file));
 * DataLoader lines = DataLoader.of(TextLines.of(file, vocabulary::encode), 32)
 *         .pad("tokens", new Padding(0).mask("mask"))
 *         .build();
 * }</pre>
 */
public final class TextLines implements Dataset {
    private static final long MOST_BYTES = 1L << 30;
    private static final int MOST_SHOWN = 100;

    private final List<String> lines;
    private final int[][] tokens;
    private final List<Field> fields;

    private TextLines(List<String> lines, int[][] tokens) {
        this.lines = lines;
        this.tokens = tokens;
        int longest = Arrays.stream(tokens).mapToInt(line -> line.length).max().orElse(0);
        this.fields =
                List.of(Field.of("tokens", DType.INT32, Math.max(1, longest)).variable(0));
    }

    /**
     * Reads a file in UTF-8 of at most 1 GiB, whose lines end with LF, CR LF or CR; a byte order mark is left out.
     *
     * @param encoder the tokens of a line without its end, such as {@code vocabulary::encode} or {@code tokenizer::encode}
     * @throws DataException if the file cannot be read, is no UTF-8, has no line that is not blank, or the encoder refuses a line, which is named
     */
    public static TextLines of(Path file, Function<String, int[]> encoder) {
        Given.value(file, "TextLines", "a file");
        Given.value(encoder, "TextLines", "an encoder");
        String text;
        try (InputStream in = FileInput.open(file, MOST_BYTES)) {
            text = Utf8.decode(in.readAllBytes());
        } catch (CharacterCodingException e) {
            throw new DataException(FileInput.name(file) + " expects text in UTF-8; convert it", e);
        } catch (IOException e) {
            throw FileInput.unreadable(file, e);
        }
        return of(FileInput.name(file), text.lines().toList(), encoder);
    }

    /**
     * Takes lines from memory.
     *
     * @param encoder the tokens of a line
     * @throws DataException if all lines are blank, or the encoder refuses one, which is named by its number from 1
     */
    public static TextLines of(List<String> lines, Function<String, int[]> encoder) {
        Given.value(encoder, "TextLines", "an encoder");
        return of("The text", Given.value(lines, "TextLines", "lines"), encoder);
    }

    private static TextLines of(String where, List<String> lines, Function<String, int[]> encoder) {
        List<String> kept = new ArrayList<>();
        List<int[]> tokens = new ArrayList<>();
        for (int i = 0; i < lines.size(); i++) {
            String line = Given.value(lines.get(i), "TextLines", "a line");
            if (!line.isBlank()) {
                kept.add(line);
                tokens.add(encoded(where, i + 1, line, encoder));
            }
        }
        if (kept.isEmpty()) {
            throw new DataException(where + " should have at least one line that is not blank, and has none");
        }
        return new TextLines(List.copyOf(kept), tokens.toArray(int[][]::new));
    }

    private static int[] encoded(String where, int number, String line, Function<String, int[]> encoder) {
        try {
            return Given.value(encoder.apply(line), "TextLines", "the tokens of a line from the encoder")
                    .clone();
        } catch (IllegalArgumentException e) {
            throw new DataException(
                    where + ", line " + number + ", " + Quoted.text(line, MOST_SHOWN) + ", cannot be encoded: "
                            + e.getMessage(),
                    e);
        }
    }

    /** Returns these lines with at most so many tokens each, at least 1: what is behind them is left out. */
    public TextLines truncated(int most) {
        if (most < 1) {
            throw new IllegalArgumentException("TextLines expects lines of at least 1 token, got " + most);
        }
        int[][] cut = new int[tokens.length][];
        Arrays.setAll(cut, i -> tokens[i].length <= most ? tokens[i] : Arrays.copyOf(tokens[i], most));
        return new TextLines(lines, cut);
    }

    /** Returns the text of a sample, without the line's end. */
    public String line(int index) {
        return lines.get(Samples.index(index, this));
    }

    @Override
    public int size() {
        return tokens.length;
    }

    @Override
    public List<Field> fields() {
        return fields;
    }

    @Override
    public void read(int index, Sample into) {
        into.put(0, tokens[Samples.index(index, this)]);
    }

    @Override
    public String description() {
        return String.format(
                Locale.ROOT,
                "%,d lines of text of at most %,d tokens (content %s)",
                size(),
                fields.get(0).variableSize(),
                Integer.toHexString(Arrays.deepHashCode(tokens)));
    }
}
