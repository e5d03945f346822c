package org.alborz.tck;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.alborz.autograd.Tape;
import org.alborz.backend.AdamStep;
import org.alborz.backend.SgdStep;
import org.alborz.backend.UpdateRule;
import org.alborz.backend.UpdateStep;
import org.alborz.nn.BatchNorm;
import org.alborz.nn.Initializer;
import org.alborz.nn.Layer;
import org.alborz.nn.Model;
import org.alborz.nn.Parameter;
import org.alborz.nn.Pass;
import org.alborz.nn.Structure;
import org.alborz.ops.ApplyAdam;
import org.alborz.ops.ApplySgd;
import org.alborz.ops.ApplyUpdate;
import org.alborz.optim.Adam;
import org.alborz.optim.AdamW;
import org.alborz.optim.Optimizer;
import org.alborz.optim.Sgd;
import org.alborz.random.RandomStream;
import org.alborz.tensor.Session;
import org.alborz.tensor.Tensor;
import org.alborz.type.DType;
import org.alborz.type.Layout;
import org.alborz.type.Shape;
import org.junit.jupiter.api.DynamicNode;

/** Averages over thousands of steps: of gradients and their squares, and of batches' statistics, against the same in double. */
final class StateChecks {
    private static final int STEPS = 2000;
    private static final int SIZE = 37;
    private static final int SEED = 91;

    private final Sessions sessions;

    StateChecks(Sessions sessions) {
        this.sessions = sessions;
    }

    /** An optimizer step in double, on one number. */
    private interface Reference {
        /** Takes value, state and gradient; returns the new value and leaves the new state. */
        double step(double value, double[] state, double gradient, int step);
    }

    private record Case(String name, Supplier<Optimizer> optimizer, double rate, Reference reference) {}

    private static List<Case> cases() {
        return List.of(
                new Case("Adam", () -> new Adam(1e-3), 1e-3, adam(1e-3, 0.9, 0.999, 1e-8, 0, false)),
                new Case(
                        "Adam, slow, with weight decay",
                        () -> new Adam(1e-2).betas(0.99, 0.9999).epsilon(1e-6).weightDecay(1e-4),
                        1e-2,
                        adam(1e-2, 0.99, 0.9999, 1e-6, 1e-4, false)),
                new Case("AdamW", () -> new AdamW(1e-2), 1e-2, adam(1e-2, 0.9, 0.999, 1e-8, 0.01, true)),
                new Case("Sgd", () -> new Sgd(0.1).momentum(0.999), 0.1, sgd(0.1, 0.999, 0, false)),
                new Case(
                        "Sgd, looking ahead",
                        () -> new Sgd(0.1).momentum(0.99).nesterov(),
                        0.1,
                        sgd(0.1, 0.99, 0, true)));
    }

    private static Reference adam(
            double rate, double beta1, double beta2, double epsilon, double decay, boolean decoupled) {
        return (value, state, gradient, step) -> {
            double g = decoupled ? gradient : gradient + decay * value;
            state[0] = beta1 * state[0] + (1 - beta1) * g;
            state[1] = beta2 * state[1] + (1 - beta2) * g * g;
            double mean = state[0] / (1 - Math.pow(beta1, step));
            double deviation = Math.sqrt(state[1] / (1 - Math.pow(beta2, step))) + epsilon;
            double kept = decoupled ? value * (1 - rate * decay) : value;
            return kept - rate * mean / deviation;
        };
    }

    private static Reference sgd(double rate, double momentum, double decay, boolean nesterov) {
        return (value, state, gradient, step) -> {
            double g = gradient + decay * value;
            state[0] = momentum * state[0] + g;
            return value - rate * (nesterov ? g + momentum * state[0] : state[0]);
        };
    }

    Stream<DynamicNode> all() {
        List<DynamicNode> tests = new ArrayList<>();
        for (DType dtype : DType.values()) {
            if (!dtype.isFloating() || sessions.refusal(dtype) != null) {
                continue;
            }
            for (Case test : cases()) {
                tests.add(dynamicTest(
                        test.name() + " over " + STEPS + " steps / " + dtype,
                        () -> sessions.run(dtype, session -> optimizer(session, test))));
            }
            tests.add(dynamicTest(
                    "running statistics over " + STEPS + " steps / " + dtype,
                    () -> sessions.run(dtype, StateChecks::statistics)));
            if (dtype.bytes() == Short.BYTES) {
                tests.add(dynamicTest(
                        "fused and composed steps / " + dtype,
                        () -> sessions.run(dtype, StateChecks::fusedAsComposed)));
            }
        }
        return tests.stream();
    }

    /** A module that is nothing but numbers to be learned. */
    private record Numbers(Parameter parameter) implements Layer {
        @Override
        public Tensor forward(Tensor x, Pass pass) {
            return x.mul(pass.use(parameter));
        }

        @Override
        public void describe(Structure structure) {
            structure.parameter("value", parameter);
        }
    }

    /** Gradients of about 1e-3, whose squares FLOAT16 hardly has and a thousandth of which it has not. */
    private static void optimizer(Session session, Case test) {
        DType dtype = session.dtype();
        Parameter parameter = Parameter.of(Shape.of(SIZE), Initializer.constant(0.25));
        RandomStream random = new RandomStream(SEED, 1);
        double[] value = new double[SIZE];
        double[][] state = new double[SIZE][2];
        Arrays.fill(value, 0.25);
        try (Model model = Model.create(session, new Numbers(parameter), SEED)) {
            Optimizer optimizer = test.optimizer().get();
            optimizer.attach(model);
            Tensor place = model.gradientViews().get(0);
            double[][] drawn = new double[7][SIZE];
            Tensor[] gradients = new Tensor[drawn.length];
            for (int i = 0; i < drawn.length; i++) {
                for (int k = 0; k < SIZE; k++) {
                    drawn[i][k] = 1e-3 * (k % 3 == 0 ? 1 : 2 * random.uniform() - 0.75);
                }
                gradients[i] = session.tensor(drawn[i], Shape.of(SIZE));
                drawn[i] = gradients[i].toDoubles();
            }
            for (int step = 1; step <= STEPS; step++) {
                place.assign(gradients[step % drawn.length]);
                optimizer.step(test.rate(), step);
                for (int k = 0; k < SIZE; k++) {
                    double next = test.reference().step(value[k], state[k], drawn[step % drawn.length][k], step);
                    value[k] = rounded(next, dtype);
                }
            }
            int part = 0;
            for (var entry : orderedState(optimizer)) {
                double[] actual = model.part(entry, parameter).toDoubles();
                for (int k = 0; k < SIZE; k++) {
                    check(test.name() + ", " + entry.name(), k, actual[k], state[k][part], allowed(dtype, true));
                }
                assertThat(entry.dtype()).as("type of %s", entry.name()).isEqualTo(dtype.accumulator());
                part++;
            }
            double[] actual = parameter.value().toDoubles();
            for (int k = 0; k < SIZE; k++) {
                check(test.name() + ", value", k, actual[k], value[k], allowed(dtype, false));
            }
        }
    }

    /** Returns first moment and second moment, or velocity. */
    private static List<Tensor> orderedState(Optimizer optimizer) {
        List<Tensor> ordered = new ArrayList<>();
        for (String name : new String[] {"first_moment", "second_moment", "velocity"}) {
            if (optimizer.state().containsKey(name)) {
                ordered.add(optimizer.state().get(name));
            }
        }
        return ordered;
    }

    private static double rounded(double x, DType dtype) {
        return dtype.bytes() == Short.BYTES ? HalfPrecision.of(dtype).round((float) x) : x;
    }

    /**
     * State in float32 drifts by some of its roundings; values of 16 bits by a last bit where one fell the other way, and with weight
     * decay their state likewise.
     */
    private static double allowed(DType dtype, boolean state) {
        if (dtype == DType.FLOAT64) {
            return 1e-10;
        }
        if (dtype == DType.FLOAT32) {
            return 2e-4;
        }
        return state ? 1e-3 : 8 * HalfPrecision.of(dtype).roundingError();
    }

    private static void check(String what, int at, double actual, double expected, double allowed) {
        assertThat(Math.abs(actual - expected) <= allowed * Math.max(1e-3, Math.abs(expected)))
                .as("%s, seed %d, element %d: expected %s, got %s", what, SEED, at, expected, actual)
                .isTrue();
    }

    /** With a momentum of a thousandth, 16 bits would never leave the start. */
    private static void statistics(Session session) {
        double momentum = 1e-3;
        BatchNorm norm = new BatchNorm(2, momentum, 1e-5);
        try (Model model = Model.create(session, norm, SEED)) {
            Tensor x = session.tensor(new float[] {3, -2, 5, 2, 3, -2, 5, 2}, Shape.of(4, 2));
            for (int step = 1; step <= STEPS; step++) {
                try (Tape tape = new Tape(session)) {
                    norm.forward(x, Pass.training(tape, SEED, step)).close();
                }
            }
            double left = Math.pow(1 - momentum, STEPS);
            double[] mean = model.parameters().get("running_mean").value().toDoubles();
            double[] variance = model.parameters().get("running_var").value().toDoubles();
            check("running mean", 0, mean[0], 4 * (1 - left), 1e-4);
            check("running mean", 1, mean[1], 0, 1e-4);
            check("running variance", 0, variance[0], left + (1 - left) * 4 / 3, 1e-4);
            check("running variance", 1, variance[1], left + (1 - left) * 16 / 3, 1e-4);
        }
    }

    /** The same steps by a backend's fusion and by composition, on values of 16 bits. */
    private static void fusedAsComposed(Session session) {
        int length = 1031;
        HostArray start = HostArray.uniform(SEED, -1, 1, Shape.of(length));
        HostArray slope = HostArray.uniform(SEED + 1, -1e-3, 1e-3, Shape.of(length));
        Tensor gradient = session.tensor(slope.values(), slope.shape());
        DType wide = session.dtype().accumulator();
        for (boolean decoupled : new boolean[] {false, true}) {
            AdamStep fused = session.backend().fusion(AdamStep.class).orElse(null);
            Tensor[] a = {values(session, start), zeros(session, length, wide), zeros(session, length, wide)};
            Tensor[] b = {values(session, start), zeros(session, length, wide), zeros(session, length, wide)};
            for (int step = 1; fused != null && step <= 5; step++) {
                AdamStep.Parameters p = AdamStep.Parameters.of(0.01, 0.9, 0.999, 1e-8, 0.01, decoupled, step);
                fused.step(p, a[0], gradient, a[1], a[2]);
                ApplyAdam.composed(p, b[0], gradient, b[1], b[2]);
            }
            compare("AdamStep", session.dtype(), a, b);
        }
        for (boolean nesterov : new boolean[] {false, true}) {
            SgdStep fused = session.backend().fusion(SgdStep.class).orElse(null);
            Tensor[] a = {values(session, start), zeros(session, length, wide)};
            Tensor[] b = {values(session, start), zeros(session, length, wide)};
            SgdStep.Parameters p = new SgdStep.Parameters(0.5, 0.9, 0.01, nesterov);
            for (int step = 1; fused != null && step <= 5; step++) {
                fused.step(p, a[0], gradient, a[1]);
                ApplySgd.composed(p, b[0], gradient, b[1]);
            }
            compare("SgdStep", session.dtype(), a, b);
        }
        for (UpdateRule rule : UpdateRule.values()) {
            for (UpdateStep.Parameters p : FusionChecks.updateParameters(rule)) {
                fusedAsComposed(session, p, start, gradient);
            }
        }
    }

    /** Each of five steps from where the fusion's last one ended. */
    private static void fusedAsComposed(Session session, UpdateStep.Parameters p, HostArray start, Tensor gradient) {
        UpdateStep fused = session.backend().fusion(UpdateStep.class).orElse(null);
        int tensors = 1 + p.rule().states();
        Tensor[] a = updated(session, start, p.rule().states());
        Tensor[] b = updated(session, start, p.rule().states());
        for (int step = 1; fused != null && step <= 5; step++) {
            fused.step(p, a[0], gradient, a[1], a[2], a[3]);
            ApplyUpdate.composed(p, b[0], gradient, b[1], b[2], b[3]);
            compare(p.rule().name(), session.dtype(), Arrays.copyOf(a, tensors), Arrays.copyOf(b, tensors));
            for (int i = 0; i < tensors; i++) {
                b[i].assign(a[i]);
            }
        }
    }

    private static Tensor[] updated(Session session, HostArray start, int states) {
        Tensor[] tensors = new Tensor[4];
        tensors[0] = values(session, start);
        for (int i = 1; i <= states; i++) {
            tensors[i] = zeros(
                    session, (int) start.shape().elements(), session.dtype().accumulator());
        }
        return tensors;
    }

    private static Tensor values(Session session, HostArray values) {
        return session.tensor(values.values(), values.shape());
    }

    private static Tensor zeros(Session session, int length, DType dtype) {
        return session.empty(dtype, Layout.rowMajor(Shape.of(length))).fill(0);
    }

    private static void compare(String what, DType dtype, Tensor[] actual, Tensor[] expected) {
        double error = 4.01 * HalfPrecision.of(dtype).roundingError(); // two roundings that fell the other way
        for (int i = 0; i < actual.length; i++) {
            HostArray wanted = HostArray.of(expected[i].shape(), expected[i].toDoubles());
            new Tolerance(i == 0 ? error : 1e-3, error, true)
                    .check(what + " " + i + ", seed " + SEED, actual[i], wanted);
        }
    }
}
