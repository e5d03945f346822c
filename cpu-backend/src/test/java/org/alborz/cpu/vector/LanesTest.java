package org.alborz.cpu.vector;

import static org.alborz.cpu.vector.Lanes.L;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.alborz.random.RandomStream;
import org.alborz.tensor.Session;
import org.alborz.tensor.Tensor;
import org.alborz.type.Shape;
import org.junit.jupiter.api.Test;

class LanesTest {
    /** Enough for the second compiler; by then the sums of interpreted and of compiled code have both been seen. */
    private static final int CALLS = 20_000;

    /** A vector by a matrix whose columns are contiguous is done by dot products, whose lanes are added up in the end. */
    @Test
    void aDotProductHasTheSameBitsBeforeAndAfterItIsCompiled() {
        int length = 2 * L;
        RandomStream random = new RandomStream(1, 0);
        float[] a = new float[length];
        float[] b = new float[3 * length];
        fill(random, a);
        fill(random, b);
        try (Session session = Session.open("cpu-vector")) {
            Tensor row = session.tensor(a, Shape.of(1, length));
            Tensor columns = session.tensor(b, Shape.of(3, length)).transpose(0, 1);
            float[] first = product(row, columns);
            for (int i = 0; i < CALLS; i++) {
                assertThat(product(row, columns)).containsExactly(first);
            }
        }
    }

    private static float[] product(Tensor row, Tensor columns) {
        try (Tensor result = row.matmul(columns)) {
            return result.toFloats();
        }
    }

    private static void fill(RandomStream random, float[] values) {
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) (random.uniform() - 0.5);
        }
    }

    /** A second size makes the compiler of Java 17 put the vectors of all kernels on the heap, once code of both has run. */
    @Test
    void float32HasOneSizeOfVectors() throws IOException {
        try (Stream<Path> sources = Files.list(Path.of("src/main/java/org/alborz/cpu/vector"))) {
            List<String> withSpecies = new ArrayList<>();
            for (Path source : sources.toList()) {
                if (Files.readString(source).contains("VectorSpecies<Float>")) {
                    withSpecies.add(source.getFileName().toString());
                }
            }
            assertThat(withSpecies).containsExactly("Lanes.java");
        }
    }
}
