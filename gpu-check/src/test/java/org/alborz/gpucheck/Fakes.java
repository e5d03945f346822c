package org.alborz.gpucheck;

import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import org.alborz.backend.Backend;
import org.alborz.backend.CapturedGraph;
import org.alborz.backend.DropoutMask;
import org.alborz.backend.Fusion;
import org.alborz.backend.GraphCapture;
import org.alborz.backend.MemoryStatistics;
import org.alborz.backend.Operand;
import org.alborz.backend.RandomFill;
import org.alborz.random.RandomKey;
import org.alborz.type.DType;

/** Backends that do what a GPU's does, or fail at it, over {@code cpu-vector}. */
final class Fakes {
    static final Subject CPU = Subject.named("cpu-vector");

    private Fakes() {}

    /** Returns a backend that does some methods otherwise. */
    static Subject otherwise(Function<Backend, Map<String, Function<Object[], Object>>> methods) {
        return new Subject("fake", options -> {
            Backend real = CPU.open(options);
            return DelegatingBackend.of(real, methods.apply(real));
        });
    }

    /** Returns a backend whose random numbers are those of other keys. */
    static Subject drawing(UnaryOperator<RandomKey> other) {
        return otherwise(real -> random(real, other));
    }

    private static Map<String, Function<Object[], Object>> random(Backend real, UnaryOperator<RandomKey> other) {
        return Map.of(
                "randomFill",
                        none -> new RandomFill() {
                            @Override
                            public void uniform(RandomKey key, Operand y) {
                                real.randomFill().uniform(other.apply(key), y);
                            }

                            @Override
                            public void normal(RandomKey key, Operand y) {
                                real.randomFill().normal(other.apply(key), y);
                            }
                        },
                "fusion",
                        type -> type[0] == DropoutMask.class
                                ? real.fusion(DropoutMask.class).map(mask ->
                                        (DropoutMask) (key, rate, x, y) -> mask.apply(other.apply(key), rate, x, y))
                                : fusion(real, (Class<?>) type[0]));
    }

    private static Optional<?> fusion(Backend real, Class<?> type) {
        return real.fusion(type.asSubclass(Fusion.class));
    }

    /** Returns a backend that captures by keeping the code; {@code heeding} says what it makes of how far to advance. */
    static Subject graphCapture(UnaryOperator<Long> heeding) {
        return otherwise(real -> {
            AtomicLong advance = new AtomicLong();
            Map<String, Function<Object[], Object>> methods = new HashMap<>(
                    random(real, key -> new RandomKey(key.seed(), key.stream(), key.counter() + advance.get())));
            GraphCapture capture = work -> new CapturedGraph() {
                @Override
                public void replay(long by, Operand numbers, double... values) {
                    advance.set(heeding.apply(by));
                    work.run();
                    advance.set(0);
                }

                @Override
                public void close() {}
            };
            methods.put("graphCapture", none -> Optional.of(capture));
            return methods;
        });
    }

    /** Returns a backend that has only the given number of bytes, and says so in given words. */
    static Subject limited(long bytes, String words) {
        return otherwise(real -> Map.of("allocate", arguments -> {
            DType dtype = (DType) arguments[0];
            long elements = (long) arguments[1];
            if (real.memory().used() + elements * dtype.bytes() > bytes) {
                throw new IllegalStateException(words);
            }
            return real.allocate(dtype, elements);
        }));
    }

    /** Returns a backend whose memory in use is some bytes more with each look. */
    static Subject leaking(long bytes) {
        return otherwise(real -> {
            AtomicLong looks = new AtomicLong();
            return Map.of("memory", none -> {
                MemoryStatistics m = real.memory();
                return new MemoryStatistics(
                        m.used() + bytes * looks.incrementAndGet(), m.pooled(), m.peak(), m.buffers());
            });
        });
    }
}
