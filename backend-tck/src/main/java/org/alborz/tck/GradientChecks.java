package org.alborz.tck;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.alborz.autograd.Gradients;
import org.alborz.autograd.Tape;
import org.alborz.tensor.Session;
import org.alborz.tensor.Tensor;
import org.alborz.type.DType;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.DynamicNode;

/** Gradients of first, second and third order against central differences. */
final class GradientChecks {
    /** What the rounding of a value, some 2⁻⁵² of it, leaves in a difference divided by the step. */
    private static final double ROUNDING = 1e-9;

    /** The magnitude of a derivative that is 0 because its terms, which are about 1, cancel. */
    private static final double CANCELLED = 0.1;

    private static final Tolerance OF_FLOAT32 = new Tolerance(2e-5, 0, false);
    private static final Tolerance OF_RECORDED = new Tolerance(2e-5, 1e-11, false);

    private final Sessions sessions;

    GradientChecks(Sessions sessions) {
        this.sessions = sessions;
    }

    Stream<DynamicNode> firstOrder() {
        List<DynamicNode> tests = new ArrayList<>();
        for (OpEntry entry : OpCatalog.entries()) {
            for (Sample sample : entry.hasGradient() ? entry.smoothSamples() : List.<Sample>of()) {
                Slopes expected =
                        new Slopes(sample, in -> weighted(entry.oracle().apply(in)));
                for (DType dtype : Sessions.FLOATING) {
                    tests.add(dynamicTest(
                            Names.of(entry, sample, dtype) + " / gradient",
                            () -> compare(
                                    entry, sample, gradients(entry, sample, 0, dtype), tolerance(dtype), expected)));
                    tests.add(dynamicTest(
                            Names.of(entry, sample, dtype) + " / recorded gradient",
                            () -> recordedAlike(entry, sample, dtype)));
                }
                tests.add(dynamicTest(
                        entry + " / " + sample + " / gradient in float32 as in float64",
                        () -> float32AsFloat64(entry, sample)));
            }
            if (!entry.hasGradient()) {
                tests.add(dynamicTest(entry + " / has no gradient", () -> none(entry)));
            }
        }
        return tests.stream();
    }

    /** Orders two and three; the third for the first sample of an entry. */
    Stream<DynamicNode> higherOrder() {
        List<DynamicNode> tests = new ArrayList<>();
        for (OpEntry entry : OpCatalog.entries()) {
            List<Sample> samples = entry.hasGradient() ? entry.smoothSamples() : List.of();
            for (Sample sample : samples) {
                tests.add(dynamicTest(
                        entry + " / " + sample + " / second order", () -> againstDifferences(entry, sample, 1)));
            }
            for (Sample sample : samples.stream().limit(1).toList()) {
                tests.add(dynamicTest(
                        entry + " / " + sample + " / third order", () -> againstDifferences(entry, sample, 2)));
            }
        }
        return tests.stream();
    }

    /** Inputs arranged in every way, and a gradient of the output that is one number repeated with stride 0. */
    Stream<DynamicNode> strided() {
        List<DynamicNode> tests = new ArrayList<>();
        for (OpEntry entry : OpCatalog.entries()) {
            for (Sample sample : entry.hasGradient() ? entry.smoothSamples() : List.<Sample>of()) {
                Slopes expected =
                        new Slopes(sample, in -> entry.oracle().apply(in).sum());
                for (DType dtype : Sessions.FLOATING) {
                    tests.add(dynamicTest(
                            Names.of(entry, sample, dtype) + " / strided",
                            () -> ofSum(entry, sample, dtype, expected)));
                }
            }
        }
        return tests.stream();
    }

    /** An arrangement that needs other elements has kinks, so it is left out. */
    private void ofSum(OpEntry entry, Sample sample, DType dtype, Slopes expected) {
        for (Arrangement arrangement : Arrangement.strided()) {
            List<HostArray> gradients = new ArrayList<>();
            if (arrangement.adapt(entry, sample) != sample) {
                continue;
            }
            sessions.run(dtype, session -> {
                Tensor[] inputs = arrangement.placeAll(session, entry, sample);
                Tape tape = new Tape(session);
                List<Tensor> watched = new ArrayList<>();
                for (int input : entry.watched()) {
                    inputs[input] = tape.watch(inputs[input]);
                    watched.add(inputs[input]);
                }
                Gradients found = tape.gradients(entry.function().apply(inputs).sum(), watched.toArray(Tensor[]::new));
                watched.forEach(tensor -> gradients.add(toHost(found.of(tensor))));
            });
            compare(entry, sample, gradients, tolerance(dtype), expected);
        }
    }

    private static double tolerance(DType dtype) {
        return dtype == DType.FLOAT64 ? 1e-7 : 1e-4;
    }

    private static HostArray toHost(Tensor tensor) {
        return HostArray.of(tensor.shape(), tensor.toDoubles());
    }

    /** Does on the host what {@link Objective} does for order 0. */
    private static double weighted(HostArray y) {
        return HostArray.broadcast((value, weight) -> value * value * weight, y, Objective.weights(y.shape()))
                .sum();
    }

    private void againstDifferences(OpEntry entry, Sample sample, int order) {
        List<HostArray> gradients = gradients(entry, sample, order, DType.FLOAT64);
        Slopes expected = new Slopes(sample, inputs -> {
            double[] value = new double[1];
            sessions.run(DType.FLOAT64, session -> value[0] = new Objective(entry, inputs, order).value(session));
            return value[0];
        });
        compare(entry, sample, gradients, 1e-6, expected);
    }

    private static void compare(
            OpEntry entry, Sample sample, List<HostArray> gradients, double tolerance, Slopes expected) {
        int next = 0;
        for (int input : entry.watched()) {
            HostArray gradient = gradients.get(next++);
            for (Slopes.Slope slope : expected.of(input)) {
                HostArray parts = HostArray.broadcast((g, d) -> g * d, gradient, slope.direction());
                double magnitude = Math.max(parts.map(Math::abs).sum() + CANCELLED, Math.abs(slope.value()));
                assertThat(Math.abs(parts.sum() - slope.value()))
                        .as(
                                "%s of %s: derivative by input %d along %s, expected %s, got %s",
                                entry, sample, input, slope.name(), slope.value(), parts.sum())
                        .isLessThanOrEqualTo(tolerance * magnitude + ROUNDING * Math.abs(slope.ahead()));
            }
        }
    }

    private List<HostArray> gradients(OpEntry entry, Sample sample, int order, DType dtype) {
        List<HostArray> gradients = new ArrayList<>();
        sessions.run(dtype, session -> {
            for (Tensor gradient : new Objective(entry, sample.inputs(), order).gradients(session)) {
                gradients.add(toHost(gradient));
            }
        });
        return gradients;
    }

    private void recordedAlike(OpEntry entry, Sample sample, DType dtype) {
        List<HostArray> expected = gradients(entry, sample, 0, dtype);
        sessions.run(dtype, session -> {
            try (Tape tape = new Tape(session)) {
                List<Tensor> recorded = new Objective(entry, sample.inputs(), 0).recordedGradients(session, tape);
                for (int i = 0; i < recorded.size(); i++) {
                    OF_RECORDED.check("recorded gradient of " + entry, recorded.get(i), expected.get(i));
                }
            }
        });
    }

    private void float32AsFloat64(OpEntry entry, Sample sample) {
        List<HostArray> expected = gradients(entry, sample, 0, DType.FLOAT64);
        sessions.run(DType.FLOAT32, session -> {
            List<Tensor> actual = new Objective(entry, sample.inputs(), 0).gradients(session);
            for (int i = 0; i < actual.size(); i++) {
                OF_FLOAT32.check("gradient of " + entry + " of " + sample, actual.get(i), expected.get(i));
            }
        });
    }

    private void none(OpEntry entry) {
        Assumptions.assumeFalse(entry.smoothSamples().isEmpty());
        sessions.run(DType.FLOAT32, session -> {
            for (Sample sample : entry.smoothSamples()) {
                requireZero(session, entry, sample);
            }
        });
    }

    private static void requireZero(Session session, OpEntry entry, Sample sample) {
        List<Tensor> watched = new ArrayList<>();
        List<Tensor> places = new ArrayList<>();
        Tape tape = new Tape(session);
        for (HostArray input : sample.inputs()) {
            watched.add(tape.watch(session.tensor(input.values(), input.shape())));
            places.add(session.ones(input.shape()));
        }
        Tensor y = entry.function().apply(watched.toArray(Tensor[]::new));
        if (!y.dtype().isFloating()) {
            assertThatThrownBy(() -> tape.gradientsInto(y.sum(), watched, places))
                    .as("gradient of %s", entry)
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("not computed from tensors of this tape");
            return;
        }
        tape.gradientsInto(y.sum(), watched, places);
        for (Tensor place : places) {
            assertThat(place.toDoubles()).as("gradient of %s", entry).containsOnly(zeros(place));
        }
    }

    private static double[] zeros(Tensor like) {
        return like.shape().elements() == 0 ? new double[0] : new double[] {0};
    }
}
