package org.alborz.ops;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.alborz.autograd.GradientSink;
import org.alborz.autograd.Gradients;
import org.alborz.autograd.Tape;
import org.alborz.backend.Backend;
import org.alborz.backend.BackendOptions;
import org.alborz.backend.Backends;
import org.alborz.backend.BinaryOp;
import org.alborz.backend.Elementwise;
import org.alborz.backend.Fusion;
import org.alborz.backend.Operand;
import org.alborz.backend.SgdStep;
import org.alborz.tensor.Scope;
import org.alborz.tensor.Session;
import org.alborz.tensor.Tensor;
import org.alborz.type.DType;
import org.alborz.type.Shape;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Operations that users bring, and fusions that a backend brings. */
class CustomOpTest {
    private Session session;

    @BeforeEach
    void open() {
        session = Session.open("cpu-scalar", BackendOptions.defaults().withPoison(), DType.FLOAT64);
    }

    @AfterEach
    void close() {
        session.close();
    }

    /** A backend's own way to compute {@link Product}. */
    private interface ProductFusion extends Fusion {
        void multiply(Operand a, Operand b, Operand product, Operand sum);
    }

    /** The product and the sum of two tensors; both have gradients. */
    private record Product() implements CustomOp {
        @Override
        public void infer(Call call) {
            call.alike(0, 1);
            call.rowMajor(0);
            call.rowMajor(1);
            call.result(call.shape(0));
            call.result(call.shape(0));
        }

        @Override
        public void compute(Backend backend, Call call) {
            Optional<ProductFusion> fusion = backend.fusion(ProductFusion.class);
            if (fusion.isPresent()) {
                fusion.get().multiply(call.in(0), call.in(1), call.out(0), call.out(1));
            } else {
                call.give(0, call.tensor(0).mul(call.tensor(1)));
                call.give(1, call.tensor(0).add(call.tensor(1)));
            }
        }

        @Override
        public int saves() {
            return Op.input(0) | Op.input(1);
        }

        @Override
        public int gradients() {
            return 2;
        }

        @Override
        public void gradient(Tensor dProduct, GradientSink inputs) {
            Tensor dSum = inputs.gradientOf(1);
            for (int i = 0; i < 2; i++) {
                if (inputs.needs(i)) {
                    Tensor byProduct = dProduct.mul(inputs.input(1 - i));
                    inputs.add(i, dSum == null ? byProduct : byProduct.add(dSum));
                }
            }
        }
    }

    private Tensor tensor(double... values) {
        return session.tensor(values, Shape.of(values.length));
    }

    @Test
    void severalResultsHaveGradientsOfAnyOrder() {
        try (Tape tape = new Tape(session)) {
            Tensor a = tape.watch(tensor(2, 3));
            Tensor b = tape.watch(tensor(5, 7));
            Tensor[] results = Engine.applyAll(new Product(), 2, a, b, null);
            assertThat(results[0].toDoubles()).containsExactly(10, 21);
            assertThat(results[1].toDoubles()).containsExactly(7, 10);
            // (ab)²(a + b): by a, 2ab²(a + b) + a²b²
            Tensor loss = results[0].square().mul(results[1]).sum();
            Gradients first = tape.differentiableGradients(loss, a, b);
            assertThat(first.of(a).toDoubles()).containsExactly(2 * 2 * 25 * 7 + 100, 2 * 3 * 49 * 10 + 441);
            // 2b²(a + b) + 4ab² by a once more
            Tensor second = tape.differentiableGradients(first.of(a).sum(), a).of(a);
            assertThat(second.toDoubles()).containsExactly(2 * 25 * 7 + 4 * 2 * 25, 2 * 49 * 10 + 4 * 3 * 49);
        }
    }

    @Test
    void oneResultMayGoWithoutTheOther() {
        for (int used = 0; used < 2; used++) {
            try (Tape tape = new Tape(session)) {
                Tensor a = tape.watch(tensor(2, 3));
                Tensor[] results = Engine.applyAll(new Product(), 2, a, tensor(5, 7), null);
                double[] gradient = tape.gradients(results[used].sum(), a).of(a).toDoubles();
                assertThat(gradient).containsExactly(used == 0 ? 5 : 1, used == 0 ? 7 : 1);
            }
        }
    }

    @Test
    void whatItIsComposedOfIsGivenBack() {
        Tensor a = tensor(2, 3);
        long before = session.memory().used();
        Tensor[] results = Engine.applyAll(new Product(), 2, a, a, null);
        assertThat(session.memory().used() - before).isEqualTo(2 * before);
        results[0].close();
        results[1].close();
        assertThat(session.memory().used()).isEqualTo(before);
    }

    @Test
    void aBackendBringsFusionsOfItsOwn() {
        List<String> asked = new ArrayList<>();
        Backend real = Backends.find().open("cpu-scalar", BackendOptions.defaults());
        ProductFusion product = (a, b, p, s) -> {
            asked.add("product");
            Elementwise elementwise = real.elementwise();
            elementwise.binary(BinaryOp.MULTIPLY, a, b, p);
            elementwise.binary(BinaryOp.ADD, a, b, s);
        };
        SgdStep sgd = (p, value, gradient, velocity) -> {
            asked.add("sgd");
            real.elementwise().fill(p.learningRate(), value);
        };
        Backend third = (Backend) Proxy.newProxyInstance(
                Backend.class.getClassLoader(), new Class<?>[] {Backend.class}, (proxy, method, arguments) -> {
                    if (method.getName().equals("fusion")) {
                        return arguments[0] == ProductFusion.class
                                ? Optional.of(product)
                                : arguments[0] == SgdStep.class ? Optional.of(sgd) : Optional.empty();
                    }
                    try {
                        return method.invoke(real, arguments);
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                });
        try (Session own = Session.of(third, DType.FLOAT32);
                Tape tape = new Tape(own)) {
            Tensor a = tape.watch(own.full(3, Shape.of(2)));
            Tensor[] results = Engine.applyAll(new Product(), 2, a, own.full(4, Shape.of(2)), null);
            assertThat(results[0].add(results[1]).toFloats()).containsOnly(19);
            assertThat(tape.gradients(results[0].sum(), a).of(a).toFloats()).containsOnly(4);
            Tensor values = own.ones(Shape.of(2));
            Engine.applyAll(
                    new ApplySgd(new SgdStep.Parameters(0.5, 0, 0, false)), 0, values, own.ones(Shape.of(2)), null);
            assertThat(values.toFloats()).containsOnly(0.5f);
        }
        assertThat(asked).containsExactly("product", "sgd");
    }

    @Test
    void shapesAreInferredWithoutMemory() {
        long before = session.memory().used();
        assertThat(Engine.infer(new Product(), TensorSpec.of(DType.FLOAT32, 2, 3), TensorSpec.of(DType.FLOAT32, 2, 3)))
                .containsExactly(TensorSpec.of(DType.FLOAT32, 2, 3), TensorSpec.of(DType.FLOAT32, 2, 3));
        assertThat(Engine.infer(
                        MatMulOp.INSTANCE,
                        TensorSpec.of(DType.FLOAT32, 1000, 1, 2000, 3000),
                        TensorSpec.of(DType.FLOAT32, 7, 3000, 4000)))
                .containsExactly(TensorSpec.of(DType.FLOAT32, 1000, 7, 2000, 4000));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Engine.infer(
                        new Product(), TensorSpec.of(DType.FLOAT32, 2, 3), TensorSpec.of(DType.FLOAT64, 2, 3)))
                .withMessageContainingAll("Product", "[2, 3] float32", "[2, 3] float64");
        assertThat(session.memory().used()).isEqualTo(before);
    }

    /** Does something wrong. */
    private record Wrong(String what) implements CustomOp {
        @Override
        public void infer(Call call) {
            call.result(call.shape(0));
        }

        @Override
        public void compute(Backend backend, Call call) {
            switch (what) {
                case "nothing" -> {}
                case "shape" -> call.give(0, call.tensor(0).sum());
                case "throw" -> {
                    call.out(0);
                    throw new UnsupportedOperationException("on purpose");
                }
                default -> backend.elementwise().copy(call.in(0), call.out(0));
            }
        }

        @Override
        public void gradient(Tensor dy, GradientSink inputs) {
            inputs.add(0, inputs.input(0));
        }
    }

    @Test
    void mistakesAreNamedAndLeaveNothingBehind() {
        Tensor x = tensor(1, 2);
        long before = session.memory().used();
        assertThatIllegalStateException()
                .isThrownBy(() -> Engine.apply(new Wrong("nothing"), x))
                .withMessageContainingAll("Wrong", "result 0");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Engine.apply(new Wrong("shape"), x))
                .withMessageContainingAll("Wrong", "[2] float64", "[]");
        assertThatThrownBy(() -> Engine.apply(new Wrong("throw"), x)).hasMessage("on purpose");
        assertThat(session.memory().used()).isEqualTo(before);
        try (Tape tape = new Tape(session)) {
            Tensor watched = tape.watch(x);
            Tensor y = Engine.apply(new Wrong("saves"), watched);
            assertThatIllegalStateException()
                    .isThrownBy(() -> tape.gradients(y.sum(), watched))
                    .withMessageContainingAll("Wrong", "input 0", "saves()");
        }
        assertThat(x.mul(2).toDoubles()).containsExactly(2, 4);
    }

    @Test
    void aListenerIsToldOfWholeOperations() {
        List<String> told = new ArrayList<>();
        Tensor x = tensor(1, 2);
        OperationListener listener = new OperationListener() {
            @Override
            public void applying(Op op, List<Tensor> inputs) {
                told.add("> " + op.name());
            }

            @Override
            public void applied(Applied operation) {
                assertThat(operation.nanos()).isPositive();
                // What a listener computes is not told.
                double sum = operation.results().get(0).sum().item();
                told.add(operation.op().name() + " " + sum + (operation.inPlace() ? " in place" : ""));
            }
        };
        try (Scope scope = session.scope("listen");
                Observation observation = session.observe(listener)) {
            Engine.applyAll(new Product(), 2, x, x, null);
            Tensor y = x.exp().narrow(0, 0, 1);
            y.fill(3);
            y.assign(y.neg());
        }
        x.mul(2);
        assertThat(told)
                .containsExactly(
                        "> Product",
                        "Product 5.0",
                        "> exp",
                        "exp " + (Math.exp(1) + Math.exp(2)),
                        "> narrow",
                        "narrow " + Math.exp(1),
                        "> fill",
                        "fill 3.0 in place",
                        "> neg",
                        "neg -3.0",
                        "> assign",
                        "assign -3.0");
    }
}
