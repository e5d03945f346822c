package org.alborz.ops;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.alborz.autograd.Gradients;
import org.alborz.autograd.Tape;
import org.alborz.random.RandomStream;
import org.alborz.tensor.Session;
import org.alborz.tensor.Tensor;
import org.alborz.type.DType;
import org.alborz.type.Shape;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** On the CPU, batch normalisation of 16 bits beside float32 has the bits of: convert, normalise in float32, round. */
class MixedBatchNormTest {
    private static final BatchNormOp OPERATION = new BatchNormOp(1e-5);

    @ParameterizedTest
    @CsvSource({"cpu-scalar, FLOAT16", "cpu-scalar, BFLOAT16", "cpu-vector, FLOAT16", "cpu-vector, BFLOAT16"})
    void hasTheBitsOfTheConversions(String backend, DType type) {
        for (Shape shape : List.of(Shape.of(7, 3), Shape.of(4, 33, 5, 7), Shape.of(12, 20, 13, 13))) {
            try (Session session = Session.open(backend)) {
                Tensor x = session.tensor(random(shape, 3), shape).to(type);
                Tensor gamma = session.tensor(random(Shape.of(shape.size(1)), 1), Shape.of(shape.size(1)));
                Tensor beta = session.tensor(random(Shape.of(shape.size(1)), 2), Shape.of(shape.size(1)));
                Tensor dy = session.tensor(random(shape, 1), shape).to(type);
                List<double[]> converted = run(session, true, x, gamma, beta, dy);
                List<double[]> mixed = run(session, false, x, gamma, beta, dy);
                for (int i = 0; i < converted.size(); i++) {
                    assertThat(mixed.get(i)).as("%s, result %d", shape, i).containsExactly(converted.get(i));
                }
            }
        }
    }

    @ParameterizedTest
    @CsvSource({"cpu-scalar", "cpu-vector"})
    void whatIsNotFiniteInFloat32Too(String backend) {
        try (Session session = Session.open(backend)) {
            float[] values = {3e38f, -3e38f, Float.NaN, 1, Float.POSITIVE_INFINITY, 2, 1e19f, -1e19f};
            Tensor x = session.tensor(values, Shape.of(4, 2)).to(DType.BFLOAT16);
            Tensor one = session.ones(Shape.of(2));
            List<double[]> converted = run(session, true, x, one, one, x);
            List<double[]> mixed = run(session, false, x, one, one, x);
            for (int i = 0; i < converted.size(); i++) {
                assertThat(mixed.get(i)).containsExactly(converted.get(i));
            }
        }
    }

    /** Returns y, mean, variance, dx, dgamma and dbeta. */
    private static List<double[]> run(
            Session session, boolean convert, Tensor x, Tensor gamma, Tensor beta, Tensor dy) {
        try (Tape tape = new Tape(session)) {
            Tensor[] watched = {tape.watch(x), tape.watch(gamma), tape.watch(beta)};
            Tensor input = convert ? watched[0].to(DType.FLOAT32) : watched[0];
            Tensor[] results = Engine.applyAll(OPERATION, 3, input, watched[1], watched[2]);
            Tensor y = convert ? results[0].to(x.dtype()) : results[0];
            assertThat(y.dtype()).isEqualTo(x.dtype());
            assertThat(results[1].dtype()).isEqualTo(DType.FLOAT32);
            Gradients gradients = tape.gradients(y, dy, watched);
            assertThat(gradients.of(watched[0]).dtype()).isEqualTo(x.dtype());
            assertThat(gradients.of(watched[1]).dtype()).isEqualTo(DType.FLOAT32);
            return List.of(
                    y.toDoubles(),
                    results[1].toDoubles(),
                    results[2].toDoubles(),
                    gradients.of(watched[0]).toDoubles(),
                    gradients.of(watched[1]).toDoubles(),
                    gradients.of(watched[2]).toDoubles());
        }
    }

    private static float[] random(Shape shape, double scale) {
        RandomStream random = new RandomStream(5, 3);
        float[] values = new float[(int) shape.elements()];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) (scale * (random.uniform() - 0.4));
        }
        return values;
    }
}
