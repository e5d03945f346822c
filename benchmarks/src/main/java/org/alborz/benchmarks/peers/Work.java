package org.alborz.benchmarks.peers;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What is done over and over to see how fast it goes.
 *
 * @param model a name in {@link org.alborz.models.Models#NAMES}, the {@link RowFunction}'s word, or null for a matrix product
 * @param size images a batch, rows and columns of the square matrices, or elements of a function's
 */
public record Work(String name, Kind kind, String model, int size) {
    private static final Pattern GEMM = Pattern.compile("gemm-(\\d{1,5})");
    private static final Pattern ROWS = Pattern.compile("([a-z][a-z0-9-]*)-(\\d{1,6})x(\\d{1,6})");
    private static final Pattern NET = Pattern.compile("(train|infer)-(cifar-cnn|resnet20)-(\\d{1,5})");

    /** What is done with a model or matrix. */
    public enum Kind {
        /** A product of two square matrices. */
        GEMM,
        /** A whole training step: forward, cross-entropy, backward, Adam. */
        TRAIN,
        /** A forward pass in evaluation mode. */
        INFER,
        /** A {@link RowFunction} of a matrix. */
        ROWS
    }

    /**
     * Returns the work of a name: {@code gemm-N}, {@code train-MODEL-BATCH}, {@code infer-MODEL-BATCH} or {@code FUNCTION-ROWSxCOLUMNS}.
     *
     * @throws IllegalArgumentException when no work is named so
     */
    public static Work named(String name) {
        Matcher gemm = GEMM.matcher(name);
        Matcher net = NET.matcher(name);
        if (gemm.matches() && Integer.parseInt(gemm.group(1)) > 0) {
            return new Work(name, Kind.GEMM, null, Integer.parseInt(gemm.group(1)));
        }
        if (net.matches() && Integer.parseInt(net.group(3)) > 0) {
            Kind kind = net.group(1).equals("train") ? Kind.TRAIN : Kind.INFER;
            return new Work(name, kind, net.group(2), Integer.parseInt(net.group(3)));
        }
        Matcher rows = ROWS.matcher(name);
        if (rows.matches() && RowFunction.named(rows.group(1)) != null && number(rows, 2) > 0 && number(rows, 3) > 0) {
            return new Work(name, Kind.ROWS, rows.group(1), number(rows, 2) * number(rows, 3));
        }
        throw new IllegalArgumentException("A work is named gemm-N, train-MODEL-BATCH or infer-MODEL-BATCH, with the"
                + " model cifar-cnn or resnet20, or FUNCTION-ROWSxCOLUMNS; got '" + name + "'");
    }

    private static int number(Matcher matcher, int group) {
        return Integer.parseInt(matcher.group(group));
    }

    /** Returns what a function of a matrix is computed of. */
    public RowNumbers numbers() {
        Matcher rows = ROWS.matcher(name);
        if (kind != Kind.ROWS || !rows.matches()) {
            throw new IllegalStateException(name + " is no function of a matrix");
        }
        return new RowNumbers(number(rows, 2), number(rows, 3));
    }

    /** Returns the function of a matrix. */
    public RowFunction function() {
        return RowFunction.named(model);
    }

    /** Returns how many threads every contestant takes for it: one for matrix products, else two. */
    public int threads() {
        return kind == Kind.GEMM ? 1 : 2;
    }

    /** Returns what one run does: 10⁹ floating-point operations for matrix products, 10⁹ elements for functions of a matrix, else images. */
    public double amount() {
        return switch (kind) {
            case GEMM -> 2.0 * size * size * size / 1e9;
            case ROWS -> size / 1e9;
            case TRAIN, INFER -> size;
        };
    }
}
