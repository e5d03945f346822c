package org.alborz.graph;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.List;
import org.alborz.backend.Backend;
import org.alborz.backend.BackendOptions;
import org.alborz.backend.Backends;
import org.alborz.backend.Operand;
import org.alborz.nn.Conv2d;
import org.alborz.nn.Flatten;
import org.alborz.nn.Linear;
import org.alborz.nn.Loss;
import org.alborz.nn.MaxPool2d;
import org.alborz.nn.Model;
import org.alborz.nn.Sequential;
import org.alborz.nn.TrainingStep;
import org.alborz.random.RandomKey;
import org.alborz.tensor.Session;
import org.alborz.tensor.Tensor;
import org.alborz.type.DType;
import org.alborz.type.Shape;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The first operation in which a backend that errs parts from one that does not. */
class DivergenceTest {
    private static final Shape IMAGES = Shape.of(2, 3, 8, 8);

    private Session reference;
    private Model model;

    @BeforeEach
    void open() {
        reference = Session.open("cpu-scalar");
        model = Model.create(reference, net(), 1);
    }

    @AfterEach
    void close() {
        model.close();
        reference.close();
    }

    private static Sequential net() {
        return new Sequential(
                new Conv2d(3, 4, 3).padding(1), new MaxPool2d(2), new Flatten(), new Linear(64, 8), new Linear(8, 5));
    }

    private static Tensor images(Session session) {
        return session.normal(new RandomKey(3, 0, 0), IMAGES);
    }

    private static Graph training(Model model) {
        Session session = model.session();
        Tensor x = images(session);
        Tensor labels = session.tensor(new int[] {1, 4}, Shape.of(2));
        return Graph.trace(
                model,
                () -> {
                    try (TrainingStep step = model.step(1, 1)) {
                        step.backward(Loss.crossEntropy().of(step.forward(x), labels));
                    }
                    return model.gradients();
                },
                x,
                labels);
    }

    /** A backend that adds to the second element of what one method of one family writes, when it is called a number of times. */
    private record Erring(Backend right, String family, String method, int call, double error) {
        Backend backend() {
            int[] calls = new int[1];
            return proxy(Backend.class, right, (name, result, arguments) -> {
                if (!name.equals(family)) {
                    return result;
                }
                Class<?> type = result.getClass().getInterfaces()[0];
                return proxy(type, result, (inner, nothing, operands) -> {
                    if (inner.equals(method) && ++calls[0] == call) {
                        spoil((Operand) operands[operands.length - 1]);
                    }
                    return nothing;
                });
            });
        }

        private void spoil(Operand y) {
            float[] values = new float[Math.toIntExact(y.buffer().elements())];
            right.download(y.buffer(), 0, java.nio.FloatBuffer.wrap(values));
            values[1] += (float) error;
            right.upload(java.nio.FloatBuffer.wrap(values), y.buffer(), 0);
        }

        private interface After {
            Object apply(String method, Object result, Object[] arguments);
        }

        private static <T> T proxy(Class<T> type, Object of, After after) {
            return type.cast(Proxy.newProxyInstance(
                    type.getClassLoader(), new Class<?>[] {type}, (proxy, method, arguments) -> {
                        return after.apply(method.getName(), invoke(method, of, arguments), arguments);
                    }));
        }

        private static Object invoke(Method method, Object of, Object[] arguments) throws Throwable {
            try {
                return method.invoke(of, arguments);
            } catch (InvocationTargetException e) {
                throw e.getCause();
            }
        }
    }

    private static Session erring(String family, String method, int call, double error) {
        Backend right = Backends.find().open("cpu-scalar", BackendOptions.defaults());
        return Session.of(new Erring(right, family, method, call, error).backend(), DType.FLOAT32);
    }

    @Test
    void anErrorIsNamedByItsLayerAndElement() {
        try (Session wrong = erring("matMul", "multiply", 2, 0.5)) {
            GraphComparison comparison = training(model).compare(reference, wrong);
            GraphComparison.Difference first = comparison.first(1e-6).orElseThrow();
            assertThat(first.step().layer()).isEqualTo("4");
            assertThat(first.step().backward()).isFalse();
            assertThat(first.worst().position()).containsExactly(0, 1);
            assertThat(first.worst().actual() - first.worst().expected()).isBetween(0.4999, 0.5001);
            assertThat(first.toString()).contains("LinearOp", "of layer 4: element [0, 1] is ");
            assertThat(comparison.differences())
                    .filteredOn(each -> each.relative() > 1e-6)
                    .as("operations after it get right inputs")
                    .hasSize(1);
            assertThat(comparison.firstNaN()).isEmpty();
        }
    }

    @Test
    void anErrorInTheBackwardPassIsNamedSo() {
        try (Session wrong = erring("convolution", "backwardFilter", 1, 2)) {
            GraphComparison.Difference first =
                    training(model).compare(reference, wrong).first(1e-6).orElseThrow();
            assertThat(first.step().layer()).isEqualTo("0");
            assertThat(first.step().backward()).isTrue();
            assertThat(first.toString()).contains("Conv2dBackwardFilter", "of layer 0, backward");
        }
    }

    @Test
    void theFirstNaNIsFound() {
        try (Session wrong = erring("convolution", "forward", 1, Double.NaN)) {
            GraphComparison.Difference first =
                    training(model).compare(reference, wrong).firstNaN().orElseThrow();
            assertThat(first.step().layer()).isEqualTo("0");
            assertThat(first.nan().actual()).isNaN();
            assertThat(first.nan().expected()).isFinite();
            assertThat(first.relative()).isInfinite();
            // channels are innermost in memory
            assertThat(first.nan().position()).containsExactly(0, 1, 0, 0);
        }
    }

    @Test
    void twoSetsOfWeightsPartWhereTheyDiffer() {
        try (Session session = Session.open("cpu-scalar");
                Model other = Model.create(session, net(), 1)) {
            Tensor weight = other.parameter("3.weight").value();
            weight.assign(weight.mul(1.5));
            GraphComparison comparison = training(model).compare(reference, training(other), session);
            GraphComparison.Difference first = comparison.first(0).orElseThrow();
            assertThat(first.step().layer()).isEqualTo("3");
            assertThat(comparison.differences())
                    .filteredOn(each -> each.relative() > 0)
                    .as("each continues with its own results")
                    .hasSizeGreaterThan(5);
            Graph longer = Graph.trace(other, images(session));
            assertThatThrownBy(() -> training(model).compare(reference, longer, session))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("compare expects graphs of the same operations");
        }
        assertThat(List.of(training(model).compare(reference, reference).first(0)))
                .allMatch(first -> first.isEmpty());
    }
}
