package org.alborz.tck;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.alborz.tensor.Tensor;
import org.alborz.type.DType;
import org.alborz.type.Shape;
import org.junit.jupiter.api.DynamicNode;

/**
 * Tensors of 16 bits: each operation rounds its result once, having computed in at least float32, so that only the results' roundings
 * tell it from the oracle.
 */
final class HalfPrecisionChecks {
    private static final List<DType> TYPES = List.of(DType.FLOAT16, DType.BFLOAT16);

    /** Roundings that an operation composed of others may add up, in units of one. */
    private static final int ROUNDINGS = 8;

    /** The same for a gradient, of a square of the operation at that. */
    private static final int GRADIENT_ROUNDINGS = 64;

    private final Sessions sessions;

    HalfPrecisionChecks(Sessions sessions) {
        this.sessions = sessions;
    }

    Stream<DynamicNode> all() {
        List<DynamicNode> tests = new ArrayList<>();
        for (DType dtype : TYPES) {
            String refusal = sessions.refusal(dtype);
            if (refusal != null) {
                tests.add(dynamicTest(
                        dtype + " is refused with a reason",
                        () -> assertThat(refusal).isNotBlank()));
                continue;
            }
            tests.add(dynamicTest("conversions / " + dtype, () -> conversions(dtype)));
            for (OpEntry entry : OpCatalog.entries()) {
                for (Sample sample : entry.smoothSamples()) {
                    tests.add(dynamicTest(Names.of(entry, sample, dtype), () -> forward(entry, sample, dtype)));
                    if (entry.hasGradient()) {
                        tests.add(dynamicTest(
                                Names.of(entry, sample, dtype) + " / gradient", () -> gradient(entry, sample, dtype)));
                    }
                }
            }
        }
        return tests.stream();
    }

    /** Every kind of number, and those halfway between two neighbours, is rounded as IEEE 754 says. */
    private void conversions(DType dtype) {
        HalfPrecision half = HalfPrecision.of(dtype);
        double unit = 2 * half.roundingError();
        double tiny = Math.scalb(1.0, half.smallestExponent());
        double[] values = {
            0,
            -0.0,
            1,
            -1,
            Double.NaN,
            Double.POSITIVE_INFINITY,
            Double.NEGATIVE_INFINITY,
            1 + unit / 2,
            1 + 3 * unit / 2,
            1 + unit / 2 + 0x1p-20,
            1 + unit / 2 - 0x1p-20,
            -1 - unit / 2,
            half.largest(),
            -half.largest(),
            65519,
            65520,
            tiny,
            tiny * unit,
            tiny * unit / 2,
            tiny * unit * 0.75,
            tiny * 1.5 * unit,
            -tiny * unit,
            1 / 3.0,
            1e-5,
            3e4
        };
        double[] expected =
                Arrays.stream(values).map(x -> half.round((float) x)).toArray();
        sessions.run(dtype, session -> {
            Tensor x = session.tensor(values, Shape.of(values.length));
            assertThat(x.toDoubles()).containsExactly(expected);
            for (DType wide : Sessions.FLOATING) {
                assertThat(x.to(wide).toDoubles()).containsExactly(expected);
                assertThat(x.to(wide).to(dtype).toDoubles()).containsExactly(expected);
            }
        });
    }

    private void forward(OpEntry entry, Sample sample, DType dtype) {
        HalfPrecision half = HalfPrecision.of(dtype);
        Sample rounded = rounded(sample, half);
        HostArray expected = entry.oracle().apply(rounded.inputs());
        double error = ROUNDINGS * half.roundingError();
        sessions.run(dtype, session -> {
            Tensor y = entry.function().apply(Arrangement.ROW_MAJOR.placeAll(session, entry, rounded));
            if (y.dtype().bytes() == Short.BYTES) {
                new Tolerance(error, error, false).check(entry + " of " + sample, y, expected);
            } else {
                entry.tolerance().check(entry + " of " + sample, y, expected);
            }
        });
    }

    private void gradient(OpEntry entry, Sample sample, DType dtype) {
        HalfPrecision half = HalfPrecision.of(dtype);
        Objective objective = new Objective(entry, rounded(sample, half).inputs(), 0);
        List<HostArray> expected = new ArrayList<>();
        sessions.run(
                DType.FLOAT64,
                session -> objective
                        .gradients(session)
                        .forEach(g -> expected.add(HostArray.of(g.shape(), g.toDoubles()))));
        double error = GRADIENT_ROUNDINGS * half.roundingError();
        sessions.run(dtype, session -> {
            List<Tensor> actual = objective.gradients(session);
            for (int i = 0; i < actual.size(); i++) {
                new Tolerance(error, error, false)
                        .check("gradient of " + entry + " of " + sample, actual.get(i), expected.get(i));
            }
        });
    }

    private static Sample rounded(Sample sample, HalfPrecision half) {
        HostArray[] inputs = Arrays.stream(sample.inputs())
                .map(input -> input.map(half::round))
                .toArray(HostArray[]::new);
        return new Sample(sample.name(), sample.smooth(), inputs);
    }
}
