package org.alborz.data;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.alborz.text.Given;
import org.alborz.type.DType;

/**
 * Parts of one long sequence of tokens for a language model: sample i is the {@code length + 1} tokens from index {@code i·stride} on, so that
 * each of the first {@code length} has a next token. The field {@code tokens} is int32.
 */
public final class TokenWindows implements Dataset {
    private final int[] tokens;
    private final int length;
    private final int stride;
    private final List<Field> fields;

    private TokenWindows(int[] tokens, int length, int stride) {
        Given.value(tokens, "TokenWindows", "tokens");
        if (length < 1 || stride < 1 || tokens.length <= length) {
            throw new IllegalArgumentException(
                    "TokenWindows expects a length and a stride of at least 1, and more tokens"
                            + " than the length, got " + length + ", " + stride + " and " + tokens.length + " tokens");
        }
        this.tokens = tokens.clone();
        this.length = length;
        this.stride = stride;
        this.fields = List.of(Field.of("tokens", DType.INT32, length + 1));
    }

    /**
     * Returns parts with a stride of {@code length}: each token of a part but its first is a target once; tokens after the last whole part
     * are left out.
     */
    public static TokenWindows of(int[] tokens, int length) {
        return new TokenWindows(tokens, length, length);
    }

    /** Returns these parts with another distance between their beginnings; where it is less than the length, they overlap. */
    public TokenWindows stride(int places) {
        return new TokenWindows(tokens, length, places);
    }

    @Override
    public int size() {
        return (tokens.length - length - 1) / stride + 1;
    }

    @Override
    public List<Field> fields() {
        return fields;
    }

    @Override
    public void read(int index, Sample into) {
        into.put(0, tokens, Samples.index(index, this) * stride);
    }

    @Override
    public String description() {
        return String.format(
                Locale.ROOT,
                "%,d parts of %,d of %,d tokens, %,d apart (content %s)",
                size(),
                length + 1,
                tokens.length,
                stride,
                Integer.toHexString(Arrays.hashCode(tokens)));
    }
}
