package org.alborz.explain;

import java.util.Arrays;
import java.util.Comparator;
import org.alborz.nn.Model;
import org.alborz.tensor.Scope;
import org.alborz.tensor.Session;
import org.alborz.tensor.Tensor;
import org.alborz.text.Given;
import org.alborz.type.Shape;

/**
 * Finds the vectors of a set that are nearest to others, by comparing with all of them: for features of a net, as
 * {@link Model#features} gives, in sets of up to some hundred thousand.
 *
 * <p>Distances of a batch are computed in the session, those for {@code L2} and {@code COSINE} by a matrix product, which picks some more
 * than are asked for; their distances are then computed again in double precision, which decides the order. Of equal distances the smaller
 * index comes first.
 */
public final class NearestNeighbours implements AutoCloseable {
    /** So many distances are computed at once. */
    private static final int AT_ONCE = 1 << 22;

    /** So many differences are computed at once, which is 1 MB of them. */
    private static final int IN_CACHE = 1 << 18;

    /** So many queries are compared with a part of the set, once it is in the caches. */
    private static final int QUERIES_IN_CACHE = 16;

    /** So many more than are asked for are looked at exactly. */
    private static final int MORE = 16;

    private final Scope scope;
    private final Distance distance;
    private final Tensor set;

    /**
     * The mean of the set for {@code L2}, which set and queries are moved by: squares of vectors that are far from the origin would have too few
     * digits for what they differ by. Null otherwise.
     */
    private final Tensor center;

    /** The squared norms of the set for {@code L2}, [count]; null otherwise. */
    private final Tensor squares;

    private final float[] values;
    private final int count;
    private final int size;

    /** What is small between neighbours. */
    public enum Distance {
        /** The sum of the absolute differences. */
        L1,
        /** The root of the sum of squared differences. */
        L2,
        /** 1 minus the cosine of the angle between both; 1 where one of them is 0. */
        COSINE
    }

    /** A vector of the set, by its row, and how far it is. */
    public record Neighbour(int index, double distance) {}

    private NearestNeighbours(Scope scope, Tensor vectors, Distance distance) {
        this.scope = scope;
        this.distance = distance;
        this.count = vectors.shape().size(0);
        this.size = vectors.shape().size(1);
        this.values = vectors.toFloats();
        this.center = distance == Distance.L2 ? scope.adopt(mean(vectors)) : null;
        this.set = scope.adopt(prepared(vectors));
        this.squares = distance == Distance.L2 ? scope.adopt(squares(set)) : null;
    }

    /**
     * Takes over a copy of a set of vectors, until it is closed.
     *
     * @param vectors {@code [count, size]}, floating
     */
    public static NearestNeighbours of(Tensor vectors, Distance distance) {
        requireVectors(vectors, "a set");
        Given.value(distance, "NearestNeighbours", "a distance");
        Session session = vectors.session();
        Scope scope = session.freeStandingScope("nearest neighbours");
        try {
            return new NearestNeighbours(scope, vectors, distance);
        } catch (RuntimeException e) {
            scope.close();
            throw e;
        }
    }

    private static void requireVectors(Tensor vectors, String what) {
        Shape shape = Given.value(vectors, "NearestNeighbours", what).shape();
        if (shape.rank() != 2 || shape.size(0) < 1 || !vectors.dtype().isFloating()) {
            throw new IllegalArgumentException("NearestNeighbours expects " + what
                    + " of floating vectors [count, size], got " + vectors.describe()
                    + "; flatten other features with reshape(n, -1)");
        }
    }

    private static Tensor wide(Tensor vectors) {
        return vectors.detach().to(vectors.dtype().accumulator());
    }

    private static Tensor mean(Tensor vectors) {
        try (Scope scope = vectors.session().scope("vectors")) {
            return scope.keep(wide(vectors).mean(true, 0));
        }
    }

    private Tensor prepared(Tensor vectors) {
        try (Scope scope = vectors.session().scope("vectors")) {
            Tensor plain = wide(vectors);
            return scope.keep(
                    switch (distance) {
                        case L1 -> plain.add(0);
                        case L2 -> plain.sub(center);
                        case COSINE -> plain.div(plain.norm(true, 1).maximum(Float.MIN_NORMAL));
                    });
        }
    }

    private static Tensor squares(Tensor set) {
        try (Scope scope = set.session().scope("squares")) {
            return scope.keep(set.square().sum(false, 1));
        }
    }

    /**
     * Returns the nearest ones of each query, the nearest first.
     *
     * @param queries {@code [n, size]}
     * @param k how many; as many as there are where the set has fewer
     * @return {@code [n][k]}
     */
    public Neighbour[][] find(Tensor queries, int k) {
        requireVectors(queries, "queries");
        if (queries.shape().size(1) != size || k < 1) {
            throw new IllegalArgumentException("find expects queries of " + size + " numbers each, and at least 1"
                    + " neighbour, got " + queries.describe() + " and " + k);
        }
        int n = queries.shape().size(0);
        Neighbour[][] found = new Neighbour[n][];
        int most = Math.max(1, Math.min(distance == Distance.L1 ? QUERIES_IN_CACHE : n, AT_ONCE / count));
        for (int first = 0; first < n; first += most) {
            int rows = Math.min(most, n - first);
            try (Scope each = queries.session().scope("distances")) {
                Tensor some = queries.detach().narrow(0, first, rows);
                float[] exact = some.toFloats();
                float[] rough = rough(wide(some)).toFloats();
                for (int i = 0; i < rows; i++) {
                    found[first + i] = nearest(rough, i, Arrays.copyOfRange(exact, i * size, (i + 1) * size), k);
                }
            }
        }
        return found;
    }

    /** Returns [n, count] of what grows with the distance. */
    private Tensor rough(Tensor queries) {
        return switch (distance) {
            case L1 -> absoluteDifferences(queries);
            case L2 ->
                squares.sub(queries.sub(center).matmul(set.transpose(0, 1)).mul(2));
            case COSINE -> queries.matmul(set.transpose(0, 1)).neg();
        };
    }

    /** Compares with some vectors of the set at a time, so that their differences stay in the processor's caches. */
    private Tensor absoluteDifferences(Tensor queries) {
        int n = queries.shape().size(0);
        int some = (int) Math.max(1, IN_CACHE / ((long) n * size));
        Tensor[] parts = new Tensor[(count + some - 1) / some];
        for (int i = 0; i < parts.length; i++) {
            int first = i * some;
            int vectors = Math.min(some, count - first);
            try (Scope part = queries.session().scope("part")) {
                Tensor others = set.narrow(0, first, vectors).reshape(1, vectors, size);
                parts[i] =
                        part.keep(queries.reshape(n, 1, size).sub(others).abs().sum(false, 2));
            }
        }
        return Tensor.concat(1, parts);
    }

    private Neighbour[] nearest(float[] rough, int row, float[] query, int k) {
        int wanted = Math.min(count, k);
        return Arrays.stream(smallest(rough, row * count, Math.min(count, wanted + MORE)))
                .mapToObj(i -> new Neighbour(i, exact(query, i)))
                .sorted(Comparator.comparingDouble(Neighbour::distance).thenComparingInt(Neighbour::index))
                .limit(wanted)
                .toArray(Neighbour[]::new);
    }

    /**
     * Returns the places of the smallest numbers of a row, of equal ones the first. They are a heap whose root is the largest of them, so that most of
     * the others cost a comparison.
     */
    private int[] smallest(float[] rough, int start, int most) {
        int[] heap = new int[most];
        Arrays.setAll(heap, i -> i);
        for (int i = most / 2 - 1; i >= 0; i--) {
            sink(heap, i, rough, start);
        }
        for (int i = most; i < count; i++) {
            if (Float.compare(rough[start + i], rough[start + heap[0]]) < 0) {
                heap[0] = i;
                sink(heap, 0, rough, start);
            }
        }
        return heap;
    }

    private static void sink(int[] heap, int from, float[] rough, int start) {
        int at = from;
        for (int child = 2 * at + 1; child < heap.length; child = 2 * at + 1) {
            if (child + 1 < heap.length && isLess(heap[child], heap[child + 1], rough, start)) {
                child++;
            }
            if (!isLess(heap[at], heap[child], rough, start)) {
                return;
            }
            int place = heap[at];
            heap[at] = heap[child];
            heap[child] = place;
            at = child;
        }
    }

    private static boolean isLess(int one, int other, float[] rough, int start) {
        int order = Float.compare(rough[start + one], rough[start + other]);
        return order < 0 || order == 0 && one < other;
    }

    private double exact(float[] query, int index) {
        double sum = 0;
        double ofQuery = 0;
        double ofOther = 0;
        for (int i = 0; i < size; i++) {
            double a = query[i];
            double b = values[index * size + i];
            switch (distance) {
                case L1 -> sum += Math.abs(a - b);
                case L2 -> sum += (a - b) * (a - b);
                case COSINE -> {
                    sum += a * b;
                    ofQuery += a * a;
                    ofOther += b * b;
                }
            }
        }
        return switch (distance) {
            case L1 -> sum;
            case L2 -> Math.sqrt(sum);
            case COSINE -> ofQuery == 0 || ofOther == 0 ? 1 : 1 - sum / Math.sqrt(ofQuery * ofOther);
        };
    }

    /** Releases the set. */
    @Override
    public void close() {
        scope.close();
    }
}
