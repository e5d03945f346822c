package org.alborz.neighbours;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.alborz.data.DataException;
import org.alborz.explain.NearestNeighbours;
import org.alborz.explain.NearestNeighbours.Distance;
import org.alborz.explain.NearestNeighbours.Neighbour;
import org.alborz.random.RandomKey;
import org.alborz.tensor.Session;
import org.alborz.tensor.Tensor;
import org.alborz.type.Shape;
import org.apache.lucene.document.Document;
import org.apache.lucene.index.IndexWriter;
import org.apache.lucene.index.IndexWriterConfig;
import org.apache.lucene.store.Directory;
import org.apache.lucene.store.FSDirectory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class HnswIndexTest {
    private static final int K = 10;

    @TempDir
    Path directory;

    private Session session;

    @BeforeEach
    void open() {
        session = Session.open("cpu-vector");
    }

    @AfterEach
    void close() {
        session.close();
    }

    private Tensor random(int seed, int count, int size) {
        return session.normal(new RandomKey(seed, 0, 0), Shape.of(count, size));
    }

    /** Returns the share of the true neighbours that were found. */
    private static double recall(Neighbour[][] found, Neighbour[][] exact) {
        long hits = 0;
        for (int i = 0; i < exact.length; i++) {
            Set<Integer> indices = Arrays.stream(found[i]).map(Neighbour::index).collect(Collectors.toSet());
            hits += Arrays.stream(exact[i])
                    .filter(one -> indices.contains(one.index()))
                    .count();
        }
        return (double) hits / ((long) exact.length * exact[0].length);
    }

    @ParameterizedTest
    @EnumSource(
            value = Distance.class,
            names = {"L2", "COSINE"})
    void findsNearlyAllThatAnExactSearchFinds(Distance distance) {
        Tensor set = random(1, 2000, 12);
        Tensor queries = random(2, 50, 12);
        try (NearestNeighbours plain = NearestNeighbours.of(set, distance);
                HnswIndex index = HnswIndex.of(set, distance)) {
            Neighbour[][] exact = plain.find(queries, K);
            Neighbour[][] found = index.find(queries, K);
            assertThat(index.count()).isEqualTo(2000);
            assertThat(recall(found, exact)).isGreaterThan(0.97);
            assertThat(recall(index.find(queries, K, K), exact)).isBetween(0.5, 0.97);
            assertThat(recall(index.find(queries, K, 400), exact)).isGreaterThan(0.995);
            assertThat(found[0][0].index()).isEqualTo(exact[0][0].index());
            assertThat(found[0][0].distance()).isCloseTo(exact[0][0].distance(), within(1e-6));
            assertThat(found[0]).isSortedAccordingTo((a, b) -> Double.compare(a.distance(), b.distance()));
            assertThat(index.find(queries.toRows()[7], K, 50)).containsExactly(found[7]);
        }
    }

    @Test
    void aSetOfFewIsSearchedWhole() {
        Tensor set = random(1, 60, 5);
        Tensor queries = random(2, 20, 5);
        try (NearestNeighbours plain = NearestNeighbours.of(set, Distance.L2);
                HnswIndex index = HnswIndex.of(set, Distance.L2)) {
            Neighbour[][] exact = plain.find(queries, 99);
            Neighbour[][] found = index.find(queries, 99);
            assertThat(recall(found, exact)).isEqualTo(1);
            assertThat(found[3]).hasSize(60).extracting(Neighbour::index).containsExactly(indices(exact[3]));
        }
    }

    private static Integer[] indices(Neighbour[] neighbours) {
        return Arrays.stream(neighbours).map(Neighbour::index).toArray(Integer[]::new);
    }

    @Test
    void partsAreNumberedOneAfterAnother() {
        Tensor set = random(1, 300, 4);
        try (HnswIndex whole = HnswIndex.of(set, Distance.COSINE);
                HnswIndex parts = HnswIndex.builder(4, Distance.COSINE)
                        .add(set.narrow(0, 0, 100))
                        .add(set.narrow(0, 100, 200))
                        .build()) {
            Neighbour[][] found = parts.find(set, 1);
            for (int i = 0; i < 300; i++) {
                assertThat(found[i][0].index()).isEqualTo(i);
                assertThat(found[i][0].distance()).isCloseTo(0, within(1e-7));
            }
            assertThat(parts.find(set, 5)).isDeepEqualTo(whole.find(set, 5));
        }
    }

    @Test
    void aSavedIndexFindsTheSame() {
        Tensor set = random(1, 400, 6);
        Tensor queries = random(2, 9, 6);
        Path folder = directory.resolve("index");
        Neighbour[][] found;
        try (HnswIndex index = HnswIndex.builder(6, Distance.COSINE)
                .connections(8)
                .construction(50)
                .add(set)
                .build()) {
            found = index.find(queries, K, 20);
            index.save(folder);
            assertThatThrownBy(() -> index.save(folder))
                    .isInstanceOf(DataException.class)
                    .hasMessageContaining("is not empty");
        }
        try (HnswIndex opened = HnswIndex.open(folder)) {
            assertThat(opened.find(queries, K, 20)).isDeepEqualTo(found);
            opened.save(directory.resolve("copy"));
        }
        try (HnswIndex copy = HnswIndex.open(directory.resolve("copy"))) {
            assertThat(copy.find(queries, K, 20)).isDeepEqualTo(found);
        }
    }

    @Test
    void whatIsNoWholeIndexIsRefused() throws IOException {
        assertThatThrownBy(() -> HnswIndex.open(directory.resolve("none")))
                .isInstanceOf(DataException.class)
                .hasMessageContaining("there is no such folder");
        Path folder = directory.resolve("index");
        try (HnswIndex index = HnswIndex.of(random(1, 40, 3), Distance.L2)) {
            index.save(folder);
        }
        try (Stream<Path> files = Files.list(folder)) {
            for (Path file : files.toList()) {
                byte[] bytes = Files.readAllBytes(file);
                Files.delete(file);
                assertThatThrownBy(() -> HnswIndex.open(folder))
                        .as("without " + file.getFileName())
                        .isInstanceOf(DataException.class)
                        .hasMessageContaining("make the index again");
                Files.write(file, bytes);
            }
        }
        HnswIndex.open(folder).close();
    }

    @Test
    void anIndexOfAnotherProgramIsRefused() throws IOException {
        Path folder = directory.resolve("other");
        try (Directory files = FSDirectory.open(folder);
                IndexWriter writer = new IndexWriter(files, new IndexWriterConfig())) {
            writer.addDocument(new Document());
            writer.commit();
        }
        assertThatThrownBy(() -> HnswIndex.open(folder))
                .isInstanceOf(DataException.class)
                .hasMessageContaining("an index of another program");
    }

    /** Lucene itself takes 1,024 numbers. */
    @Test
    void vectorsMayBeAsLongAsImages() {
        Tensor set = random(1, 20, 3072);
        Path folder = directory.resolve("index");
        try (HnswIndex index = HnswIndex.of(set, Distance.L2)) {
            index.save(folder);
        }
        try (HnswIndex index = HnswIndex.open(folder)) {
            assertThat(index.find(set, 1)[13][0]).isEqualTo(new Neighbour(13, 0));
        }
    }

    /** Their angle to others is undefined, and their distance 1, as for an exact search. */
    @Test
    void aVectorOfZerosHasDistance1() {
        Tensor set = session.tensor(new float[][] {{3, 4}, {0, 0}, {-3, -4}});
        try (HnswIndex index = HnswIndex.of(set, Distance.COSINE)) {
            Neighbour[] found = index.find(session.tensor(new float[][] {{6, 8}}), 3)[0];
            assertThat(found).extracting(Neighbour::index).containsExactly(0, 1, 2);
            assertThat(found[1].distance()).isEqualTo(1);
            assertThat(index.find(new float[2], 1, 1)[0].distance()).isEqualTo(1);
        }
    }

    @Test
    void refusesWhatDoesNotFit() {
        Tensor set = random(1, 30, 3);
        assertThatThrownBy(() -> HnswIndex.of(set, Distance.L1)).hasMessageContaining("L2 or COSINE, got L1");
        assertThatThrownBy(() -> HnswIndex.of(set.reshape(3, 10, 3), Distance.L2))
                .hasMessageContaining("[count, size]");
        assertThatThrownBy(() -> HnswIndex.builder(0, Distance.L2)).hasMessageContaining("got 0");
        assertThatThrownBy(() -> HnswIndex.builder(3, Distance.L2).build()).hasMessageContaining("got none");
        assertThatThrownBy(() -> HnswIndex.builder(3, Distance.L2).connections(1))
                .hasMessageContaining("from 2 to 512, got 1");
        assertThatThrownBy(() -> HnswIndex.builder(3, Distance.L2).add(set).construction(9))
                .hasMessageContaining("before the first vector");
        assertThatThrownBy(() -> HnswIndex.of(set.log().sub(1e30).mul(1e30), Distance.L2))
                .hasMessageContaining("finite numbers, got");
        HnswBuilder builder = HnswIndex.builder(3, Distance.L2).add(set);
        try (HnswIndex index = builder.build()) {
            assertThatThrownBy(() -> builder.add(set)).hasMessageContaining("takes no more vectors");
            assertThatThrownBy(builder::build).hasMessageContaining("was built already");
            assertThatThrownBy(() -> index.find(random(2, 2, 4), 1)).hasMessageContaining("queries [count, 3]");
            assertThatThrownBy(() -> index.find(set, 5, 4)).hasMessageContaining("as many candidates, got 5 and 4");
            assertThatThrownBy(() -> index.find(new float[2], 1, 1)).hasMessageContaining("query of 3 numbers, got 2");
        }
    }
}
