package org.alborz.inspect;

import java.util.Locale;
import org.alborz.random.RandomKey;
import org.alborz.tensor.Scope;
import org.alborz.tensor.Session;
import org.alborz.tensor.Tensor;
import org.alborz.text.Given;
import org.alborz.type.Shape;

/**
 * What a backend can do at most on this machine: an operation takes at least the time of its arithmetic and at least that of its bytes
 * (Williams et al. 2009).
 *
 * @param multiplyAdds products added up a second
 * @param bytes read from and written to memory a second
 */
public record Roofline(double multiplyAdds, double bytes) {
    /** Matrices of this size stay in caches, and a product of them has enough work for every core. */
    private static final int MATRIX = 1024;

    /** Three tensors of this many elements fit into no cache. */
    private static final int ELEMENTS = 1 << 23;

    private static final int WARM_UP = 3;
    private static final int RUNS = 5;

    public Roofline {
        Given.above0(multiplyAdds, "A roofline's multiply-adds a second");
        Given.above0(bytes, "A roofline's bytes a second");
    }

    /**
     * Measures a matrix product and a sum of two large tensors in the session's type: the fastest of some runs each. Takes about a second
     * and 96 MiB in float32; nothing else should run meanwhile.
     */
    public static Roofline measure(Session session) {
        Given.value(session, "A roofline", "a session");
        return new Roofline(products(session), memory(session));
    }

    private static double products(Session session) {
        try (Scope scope = session.scope("roofline")) {
            Tensor a = session.uniform(new RandomKey(1, 0, 0), Shape.of(MATRIX, MATRIX));
            Tensor b = session.uniform(new RandomKey(1, 1, 0), Shape.of(MATRIX, MATRIX));
            double best = fastest(session, () -> a.matmul(b).close());
            return (double) MATRIX * MATRIX * MATRIX / best;
        }
    }

    private static double memory(Session session) {
        try (Scope scope = session.scope("roofline")) {
            Tensor a = session.ones(Shape.of(ELEMENTS));
            Tensor b = session.ones(Shape.of(ELEMENTS));
            double best = fastest(session, () -> a.add(b).close());
            return 3.0 * ELEMENTS * session.dtype().bytes() / best;
        }
    }

    private static double fastest(Session session, Runnable work) {
        double best = Double.POSITIVE_INFINITY;
        for (int i = 0; i < WARM_UP + RUNS; i++) {
            session.backend().synchronize();
            long start = System.nanoTime();
            work.run();
            session.backend().synchronize();
            double seconds = (System.nanoTime() - start) * 1e-9;
            best = i < WARM_UP ? best : Math.min(best, seconds);
        }
        return best;
    }

    /** Returns the least seconds that so much arithmetic and so many bytes take. */
    public double seconds(double products, double transferred) {
        return Math.max(products / multiplyAdds, transferred / bytes);
    }

    @Override
    public String toString() {
        return String.format(Locale.ROOT, "%.1f G multiply-adds/s, %.1f GB/s", multiplyAdds * 1e-9, bytes * 1e-9);
    }
}
