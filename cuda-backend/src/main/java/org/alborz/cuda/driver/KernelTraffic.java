package org.alborz.cuda.driver;

import java.util.Set;
import java.util.regex.Pattern;

/** The bytes that a kernel moves, by the sizes of its operands: each is read or written once, however often the kernel returns to it. */
public final class KernelTraffic {
    private static final Pattern TYPES = Pattern.compile("(_(f32|f64|f16|bf16|i32|i64|u8|b8))+$");

    /** Kernels that read what they write. */
    private static final Set<String> IN_PLACE = Set.of(
            "accumulate",
            "adam",
            "adam_parts",
            "sgd",
            "sgd_parts",
            "update",
            "bias",
            "unscale",
            "batch_norm_move_statistics");

    /**
     * Kernels that read no more of their largest operand than they write: chosen rows, or the first element of each result, or nothing unless sums
     * have lost digits.
     */
    private static final Set<String> LOOKUPS =
            Set.of("gather", "gather_images", "take_along_axis", "reduce_join", "batch_norm_sums_mixed");

    /** Kernels that likewise read no more of their two largest operands. */
    private static final Set<String> LOOKUPS_IN_TWO = Set.of("batch_norm_backward_of_sums_mixed");

    private long read;
    private long largestRead;
    private long secondRead;
    private long written;

    KernelTraffic() {}

    void clear() {
        read = 0;
        largestRead = 0;
        secondRead = 0;
        written = 0;
    }

    /** Adds an operand that is only read. */
    public void read(long bytes) {
        read += bytes;
        secondRead = Math.max(secondRead, Math.min(largestRead, bytes));
        largestRead = Math.max(largestRead, bytes);
    }

    /** Adds an operand that is written. */
    public void written(long bytes) {
        written += bytes;
    }

    /** Says that so many of the bytes written are not read, of a kernel that reads what it writes. */
    public void notRead(long bytes) {
        read -= bytes;
    }

    /** Returns all bytes of a launch of the kernel. */
    long bytes(String stem) {
        long reads = read;
        if (LOOKUPS.contains(stem) || LOOKUPS_IN_TWO.contains(stem)) {
            reads -= Math.max(0, largestRead - written);
        }
        if (LOOKUPS_IN_TWO.contains(stem)) {
            reads -= Math.max(0, secondRead - written);
        }
        return reads + (IN_PLACE.contains(stem) ? 2 : 1) * written;
    }

    /** Returns a kernel's name without its data types. */
    static String stem(String name) {
        return TYPES.matcher(name).replaceFirst("");
    }
}
