package org.alborz.train;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Collection;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import org.alborz.distributed.Collective;
import org.alborz.tensor.Tensor;
import org.alborz.text.Quoted;
import org.alborz.type.DType;

/** Compares how ranks train, which only do the same where all are alike. */
final class RankComparison {
    private static final int DIGESTED_AT_ONCE = 1 << 14;
    private static final int MOST_SHOWN = 200;

    private RankComparison() {}

    /**
     * Refuses ranks that do not train alike.
     *
     * @param settings by name, in the same order in all ranks
     * @throws IllegalArgumentException in all ranks, which names one that differs from rank 0, and in what
     */
    static void requireAlike(Collective collective, Map<String, String> settings) {
        StringBuilder own = new StringBuilder();
        settings.forEach((name, value) ->
                own.append(name).append('\t').append(value.replace('\n', ' ')).append('\n'));
        List<byte[]> all = collective.allGather(own.toString().getBytes(StandardCharsets.UTF_8));
        List<String> first = lines(all.get(0));
        for (int rank = 1; rank < all.size(); rank++) {
            List<String> other = lines(all.get(rank));
            for (int i = 0; i < Math.max(first.size(), other.size()); i++) {
                requireSame(i < first.size() ? first.get(i) : "", rank, i < other.size() ? other.get(i) : "");
            }
        }
    }

    private static List<String> lines(byte[] text) {
        return new String(text, StandardCharsets.UTF_8).lines().toList();
    }

    private static void requireSame(String first, int rank, String other) {
        if (!first.equals(other)) {
            String[] expected = first.split("\t", 2);
            String[] got = other.split("\t", 2);
            String name = first.isEmpty() ? got[0] : expected[0];
            throw new IllegalArgumentException(
                    "All ranks of a group train alike, and rank " + rank + " has other "
                            + name + " than rank 0: " + Quoted.text(got[got.length - 1], MOST_SHOWN) + ", not "
                            + Quoted.text(expected[expected.length - 1], MOST_SHOWN)
                            + ". Give all the same program, settings, data, backend and checkpoint, and make the model with the same seed");
        }
    }

    /** Returns a text that tells the values of some tensors apart from others. */
    static String digest(Collection<Tensor> tensors) {
        MessageDigest digest;
        try {
            digest = MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e); // every Java has it
        }
        ByteBuffer bytes = ByteBuffer.allocate(DIGESTED_AT_ONCE * Double.BYTES);
        for (Tensor tensor : tensors) {
            if (tensor.dtype().isFloating() && tensor.dtype() != DType.FLOAT64) {
                float[] values = tensor.toFloats();
                for (int from = 0; from < values.length; from += DIGESTED_AT_ONCE) {
                    int count = Math.min(DIGESTED_AT_ONCE, values.length - from);
                    bytes.clear().asFloatBuffer().put(values, from, count);
                    digest.update(bytes.array(), 0, count * Float.BYTES);
                }
            } else {
                for (double value : tensor.toDoubles()) {
                    digest.update(bytes.clear().putDouble(value).array(), 0, Double.BYTES);
                }
            }
        }
        return HexFormat.of().formatHex(digest.digest(), 0, 8);
    }
}
