package org.alborz.explain;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.Comparator;
import java.util.stream.IntStream;
import org.alborz.models.Models;
import org.alborz.nn.Activations;
import org.alborz.nn.Layer;
import org.alborz.nn.Linear;
import org.alborz.nn.Model;
import org.alborz.nn.Pass;
import org.alborz.nn.Sequential;
import org.alborz.nn.Structure;
import org.alborz.nn.TransformerEncoder;
import org.alborz.nn.TransformerEncoderLayer;
import org.alborz.random.RandomKey;
import org.alborz.tensor.Session;
import org.alborz.tensor.Tensor;
import org.alborz.type.DType;
import org.alborz.type.Shape;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Features of layers, and their nearest neighbours. */
class NearestNeighboursTest {
    private Session session;

    @BeforeEach
    void open() {
        session = Session.open("cpu-vector");
    }

    @AfterEach
    void close() {
        session.close();
    }

    @Test
    void distancesAreThoseOfTheDefinition() {
        Tensor set = session.tensor(new float[][] {{3, 4}, {0, 0}, {1, 0}});
        Tensor query = session.tensor(new float[][] {{2, 0}});
        try (NearestNeighbours l1 = NearestNeighbours.of(set, NearestNeighbours.Distance.L1);
                NearestNeighbours l2 = NearestNeighbours.of(set, NearestNeighbours.Distance.L2);
                NearestNeighbours cosine = NearestNeighbours.of(set, NearestNeighbours.Distance.COSINE)) {
            assertThat(l1.find(query, 3)[0]).containsExactly(neighbour(2, 1), neighbour(1, 2), neighbour(0, 5));
            assertThat(l2.find(query, 2)[0]).containsExactly(neighbour(2, 1), neighbour(1, 2));
            NearestNeighbours.Neighbour[] angles = cosine.find(query, 9)[0];
            assertThat(angles).extracting(NearestNeighbours.Neighbour::index).containsExactly(2, 0, 1);
            assertThat(angles[1].distance()).isCloseTo(1 - 0.6, within(1e-12));
            assertThat(angles[2].distance()).isEqualTo(1);
            assertThatThrownBy(() -> l2.find(session.zeros(Shape.of(1, 3)), 1))
                    .hasMessageContaining("queries of 2 numbers each");
        }
        assertThatThrownBy(() -> NearestNeighbours.of(session.zeros(Shape.of(2, 2, 2)), NearestNeighbours.Distance.L2))
                .hasMessageContaining("reshape(n, -1)");
    }

    private static NearestNeighbours.Neighbour neighbour(int index, double distance) {
        return new NearestNeighbours.Neighbour(index, distance);
    }

    @ParameterizedTest
    @EnumSource(NearestNeighbours.Distance.class)
    void agreesWithAPlainSearch(NearestNeighbours.Distance distance) {
        requirePlainSearch(
                distance,
                session.normal(new RandomKey(1, 0, 0), Shape.of(300, 7)),
                session.normal(new RandomKey(2, 0, 0), Shape.of(40, 7)));
    }

    /** Too many numbers for all differences at once: parts of the set, the last of which is smaller. */
    @Test
    void largeSetsAreComparedPartByPart() {
        requirePlainSearch(
                NearestNeighbours.Distance.L1,
                session.normal(new RandomKey(1, 0, 0), Shape.of(200, 2000)),
                session.normal(new RandomKey(2, 0, 0), Shape.of(3, 2000)));
    }

    /** Squares of their norms are much larger than what they differ by. */
    @Test
    void vectorsFarFromTheOriginAreToldApart() {
        requirePlainSearch(
                NearestNeighbours.Distance.L2,
                session.normal(new RandomKey(1, 0, 0), Shape.of(300, 7)).add(2000),
                session.normal(new RandomKey(2, 0, 0), Shape.of(40, 7)).add(2000));
    }

    /** Squares of their norms are infinite in float16. */
    @Test
    void vectorsOf16BitsAreComparedInFloat32() {
        requirePlainSearch(
                NearestNeighbours.Distance.L2,
                session.normal(new RandomKey(1, 0, 0), Shape.of(300, 7))
                        .mul(200)
                        .to(DType.FLOAT16),
                session.normal(new RandomKey(2, 0, 0), Shape.of(40, 7)).mul(200).to(DType.FLOAT16));
    }

    private void requirePlainSearch(NearestNeighbours.Distance distance, Tensor set, Tensor queries) {
        float[][] vectors = set.toRows();
        long before = session.memory().buffers();
        try (NearestNeighbours index = NearestNeighbours.of(set, distance)) {
            NearestNeighbours.Neighbour[][] found = index.find(queries, 5);
            float[][] asked = queries.toRows();
            for (int q = 0; q < asked.length; q++) {
                float[] query = asked[q];
                int[] expected = IntStream.range(0, vectors.length)
                        .boxed()
                        .sorted(Comparator.comparingDouble(i -> plain(distance, query, vectors[i])))
                        .limit(5)
                        .mapToInt(i -> i)
                        .toArray();
                assertThat(Arrays.stream(found[q]).mapToInt(NearestNeighbours.Neighbour::index))
                        .containsExactly(Arrays.stream(expected).boxed().toArray(Integer[]::new));
                assertThat(found[q][0].distance())
                        .isCloseTo(plain(distance, query, vectors[expected[0]]), within(1e-9));
            }
        }
        assertThat(session.memory().buffers()).isEqualTo(before);
    }

    private static double plain(NearestNeighbours.Distance distance, float[] a, float[] b) {
        double absolute = 0;
        double squares = 0;
        double product = 0;
        double ofA = 0;
        double ofB = 0;
        for (int i = 0; i < a.length; i++) {
            double difference = (double) a[i] - b[i];
            absolute += Math.abs(difference);
            squares += difference * difference;
            product += (double) a[i] * b[i];
            ofA += (double) a[i] * a[i];
            ofB += (double) b[i] * b[i];
        }
        return switch (distance) {
            case L1 -> absolute;
            case L2 -> Math.sqrt(squares);
            case COSINE -> 1 - product / Math.sqrt(ofA * ofB);
        };
    }

    @Test
    void featuresAreWhatALayerMakes() {
        Sequential net = new Sequential(new Linear(4, 6), Activations.relu(), new Linear(6, 3));
        try (Model model = Model.create(session, net, 1)) {
            Tensor x = session.normal(new RandomKey(3, 0, 0), Shape.of(5, 4));
            Tensor expected = net.slice(0, 2).forward(x, Pass.evaluation());
            Tensor linear = net.slice(0, 1).forward(x, Pass.evaluation());
            assertThat(model.features("1", x).toFloats()).isEqualTo(expected.toFloats());
            assertThat(model.features("0", x).toFloats()).isEqualTo(linear.toFloats());
            assertThat(model.features("", x).toFloats())
                    .isEqualTo(model.predict(x).toFloats());
            long before = session.memory().buffers();
            model.features("1", x).close();
            assertThat(session.memory().buffers()).isEqualTo(before);
            assertThatThrownBy(() -> model.features("3", x)).hasMessageContaining("no layer '3'");
        }
        try (Model model = Model.create(session, Models.resnet20(10), 1)) {
            Tensor x = session.normal(new RandomKey(3, 0, 0), Shape.of(2, 3, 32, 32));
            assertThat(model.features("12", x).shape()).isEqualTo(Shape.of(2, 64));
            assertThat(model.features("3.body.4", x).shape()).isEqualTo(Shape.of(2, 16, 32, 32));
        }
    }

    /** Its layers take a mask too, so it does not run them as others are. */
    @Test
    void layersOfATransformerHaveFeatures() {
        TransformerEncoder net = new TransformerEncoder(() -> new TransformerEncoderLayer(4, 2, 8), 2);
        try (Model model = Model.create(session, net, 1)) {
            Tensor x = session.normal(new RandomKey(3, 0, 0), Shape.of(2, 3, 4));
            assertThat(model.features("layers.1", x).toFloats())
                    .isEqualTo(model.predict(x).toFloats());
            assertThat(model.features("layers.0", x).toFloats())
                    .hasSize(24)
                    .isNotEqualTo(model.predict(x).toFloats());
        }
    }

    private static final class Direct implements Layer {
        private final Linear part = new Linear(2, 2);

        @Override
        public Tensor forward(Tensor x, Pass pass) {
            return part.forward(x, pass);
        }

        @Override
        public void describe(Structure structure) {
            structure.module("part", part);
        }
    }

    @Test
    void aPartThatIsNotRunHasNoFeatures() {
        try (Model model = Model.create(session, new Direct(), 1)) {
            assertThatThrownBy(() -> model.features("part", session.ones(Shape.of(1, 2))))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("pass.run(part, x)");
        }
    }
}
