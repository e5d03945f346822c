package org.alborz.benchmarks.peers;

import java.util.Arrays;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * What is done over and over to see how fast it goes.
 *
 * @param subject the {@link Net}'s or {@link RowFunction}'s word; of a product which operand is transposed, as BLAS has it: {@code nn}, {@code tn} or
 *     {@code nt}
 * @param size samples a batch, rows and columns of the square matrices, or elements of a function's
 * @param threads that every contestant takes for it
 */
public record Work(String name, Kind kind, String subject, int size, int threads) {
    private static final Pattern GEMM = Pattern.compile("gemm(?:-(tn|nt))?-(\\d{1,5})(-all)?");
    private static final Pattern ROWS = Pattern.compile("([a-z][a-z0-9-]*)-(\\d{1,6})x(\\d{1,6})");
    private static final Pattern NET = Pattern.compile("(train|infer)-([a-z][a-z0-9-]*)-(\\d{1,5})");

    /** How many threads every contestant takes for nets and functions of a matrix. */
    private static final int THREADS = 2;

    /** What is done with a net or matrix. */
    public enum Kind {
        /** A product of two square matrices. */
        GEMM,
        /** A whole training step: forward, loss, backward, Adam. */
        TRAIN,
        /** A forward pass in evaluation mode. */
        INFER,
        /** A {@link RowFunction} of a matrix. */
        ROWS
    }

    /**
     * Returns the work of a name: {@code gemm-N}, with {@code -tn} or {@code -nt} before the size where the left or the right operand is transposed and
     * {@code -all} behind it for all threads in place of one; {@code train-NET-BATCH}, {@code infer-NET-BATCH} or {@code FUNCTION-ROWSxCOLUMNS}.
     *
     * @throws IllegalArgumentException when no work is named so
     */
    public static Work named(String name) {
        Matcher gemm = GEMM.matcher(name);
        if (gemm.matches() && number(gemm, 2) > 0) {
            String transposed = gemm.group(1) == null ? "nn" : gemm.group(1);
            return new Work(name, Kind.GEMM, transposed, number(gemm, 2), gemm.group(3) == null ? 1 : allThreads());
        }
        Matcher net = NET.matcher(name);
        if (net.matches() && Net.named(net.group(2)) != null && number(net, 3) > 0) {
            Kind kind = net.group(1).equals("train") ? Kind.TRAIN : Kind.INFER;
            return new Work(name, kind, net.group(2), number(net, 3), THREADS);
        }
        Matcher rows = ROWS.matcher(name);
        if (rows.matches() && RowFunction.named(rows.group(1)) != null && number(rows, 2) > 0 && number(rows, 3) > 0) {
            int elements = Math.multiplyExact(number(rows, 2), number(rows, 3));
            return new Work(name, Kind.ROWS, rows.group(1), elements, THREADS);
        }
        throw new IllegalArgumentException(
                "A work is named gemm-N, gemm-tn-N or gemm-nt-N, with -all behind it for all threads,"
                        + " train-NET-BATCH or infer-NET-BATCH with one of the nets "
                        + Arrays.stream(Net.values()).map(Net::word).collect(Collectors.joining(", "))
                        + ", or FUNCTION-ROWSxCOLUMNS; got '" + name + "'");
    }

    private static int allThreads() {
        return Runtime.getRuntime().availableProcessors();
    }

    private static int number(Matcher matcher, int group) {
        return Integer.parseInt(matcher.group(group));
    }

    /** Tells whether the left matrix of a product is stored as its transpose. */
    public boolean transposesLeft() {
        return subject.equals("tn");
    }

    /** Tells whether the right matrix of a product is stored as its transpose. */
    public boolean transposesRight() {
        return subject.equals("nt");
    }

    /** Returns the numbers that a product or a function of a matrix is computed of. */
    public RowNumbers numbers() {
        Matcher rows = ROWS.matcher(name);
        if (kind == Kind.GEMM) {
            return new RowNumbers(size, size);
        }
        if (kind != Kind.ROWS || !rows.matches()) {
            throw new IllegalStateException(name + " is no function of a matrix");
        }
        return new RowNumbers(number(rows, 2), number(rows, 3));
    }

    /** Returns the function of a matrix. */
    public RowFunction function() {
        return RowFunction.named(subject);
    }

    /** Returns the net that is trained or run. */
    public Net net() {
        return Net.named(subject);
    }

    /** Returns what one run does: 10⁹ floating-point operations for matrix products, 10⁹ elements for functions of a matrix, else samples. */
    public double amount() {
        return switch (kind) {
            case GEMM -> 2.0 * size * size * size / 1e9;
            case ROWS -> size / 1e9;
            case TRAIN, INFER -> size;
        };
    }
}
