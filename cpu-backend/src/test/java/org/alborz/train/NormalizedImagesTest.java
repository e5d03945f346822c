package org.alborz.train;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.List;
import org.alborz.backend.Backend;
import org.alborz.backend.BackendOptions;
import org.alborz.backend.Backends;
import org.alborz.data.ArrayDataset;
import org.alborz.data.Batch;
import org.alborz.data.BatchIterator;
import org.alborz.data.ChannelNormalization;
import org.alborz.data.DataLoader;
import org.alborz.data.Dataset;
import org.alborz.data.Field;
import org.alborz.data.GeneratedImages;
import org.alborz.data.RandomCrop;
import org.alborz.data.RandomHorizontalFlip;
import org.alborz.data.Sample;
import org.alborz.nn.Conv2d;
import org.alborz.nn.Flatten;
import org.alborz.nn.GlobalAvgPool2d;
import org.alborz.nn.Linear;
import org.alborz.nn.Loss;
import org.alborz.nn.Model;
import org.alborz.nn.Sequential;
import org.alborz.optim.Sgd;
import org.alborz.tensor.Session;
import org.alborz.tensor.Tensor;
import org.alborz.type.DType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Images that travel as bytes become, bit for bit, the numbers that the host made of them before. */
class NormalizedImagesTest {
    private static final int SIZE = 40;
    private static final int BATCH = 16;

    /** Counts the bytes that are copied to a device whose memory is said not to be the host's. */
    private static final class Remote {
        private final Backend real;
        private long uploaded;

        Remote(String name) {
            real = Backends.find().open(name, BackendOptions.defaults().withThreads(2));
        }

        Backend backend() {
            return (Backend) Proxy.newProxyInstance(
                    Backend.class.getClassLoader(), new Class<?>[] {Backend.class}, (proxy, method, arguments) -> {
                        if (method.getName().equals("isHostMemory")) {
                            return false;
                        }
                        if (method.getName().equals("allocate") && arguments[1] instanceof java.nio.Buffer source) {
                            DType type = (DType) arguments[0];
                            uploaded += (long) source.remaining() * type.bytes();
                        }
                        if (method.getName().equals("upload")) {
                            java.nio.Buffer source = (java.nio.Buffer) arguments[0];
                            org.alborz.backend.Buffer into = (org.alborz.backend.Buffer) arguments[1];
                            uploaded += (long) source.remaining() * into.dtype().bytes();
                        }
                        try {
                            return method.invoke(real, arguments);
                        } catch (InvocationTargetException e) {
                            throw e.getCause();
                        }
                    });
        }
    }

    /** The same images as the host normalises them. */
    private record Normalised(Dataset bytes) implements Dataset {
        @Override
        public int size() {
            return bytes.size();
        }

        @Override
        public List<Field> fields() {
            return List.of(
                    Field.image("image", DType.FLOAT32, 3, 32, 32),
                    bytes.fields().get(1));
        }

        @Override
        public List<String> classes() {
            return bytes.classes();
        }

        @Override
        public void read(int index, Sample into) {
            Sample sample = Sample.of(bytes, index);
            ChannelNormalization by = bytes.fields().get(0).normalization();
            for (int i = 0; i < 3 * 32 * 32; i++) {
                into.floats(0)[into.at(0) + i] = by.apply(i % 3, sample.bytes(0)[i]);
            }
            into.set(1, sample.ints(1)[0]);
        }

        @Override
        public String description() {
            return "normalised " + bytes.description();
        }
    }

    private static DataLoader loader(Dataset data, boolean augmented) {
        DataLoader.Builder loader = DataLoader.of(data, BATCH).shuffle(true).seed(5);
        if (augmented) {
            loader.transform(new RandomCrop(4))
                    .transform(new RandomHorizontalFlip())
                    .transform(new RandomCrop(3));
        }
        return loader.workers(2).build();
    }

    private static Session session(String backend, boolean remote, DType dtype) {
        return remote
                ? Session.of(new Remote(backend).backend(), dtype)
                : Session.open(backend, BackendOptions.defaults().withThreads(2), dtype);
    }

    @ParameterizedTest
    @CsvSource({
        "cpu-vector, false, FLOAT32",
        "cpu-vector, true, FLOAT32",
        "cpu-vector, true, FLOAT64",
        "cpu-scalar, true, FLOAT32",
    })
    void theNumbersAreThoseThatTheHostMade(String backend, boolean remote, DType dtype) {
        Dataset images = GeneratedImages.train(1, SIZE);
        for (boolean augmented : new boolean[] {false, true}) {
            try (Session session = session(backend, remote, dtype);
                    BatchIterator bytes = loader(images, augmented).epoch(2);
                    BatchIterator floats =
                            loader(new Normalised(images), augmented).epoch(2)) {
                int cropped = 0;
                for (Batch batch = bytes.next(); batch != null; batch = bytes.next()) {
                    Batch expected = floats.next();
                    assertThat(batch.samples()).isEqualTo(expected.samples());
                    Tensor actual = write(session, batch);
                    Tensor same = write(session, expected);
                    assertThat(bits(actual)).isEqualTo(bits(same));
                    cropped += batch.isCropped(0) ? 1 : 0;
                }
                assertThat(cropped).isEqualTo(augmented ? 3 : 0);
                assertThat(floats.next()).isNull();
            }
        }
    }

    private static Tensor write(Session session, Batch batch) {
        Tensor tensor = session.empty(batch.fields().get(0).typeIn(session.dtype()), batch.layout(0));
        Batches.write(session, batch, 0, tensor);
        return tensor;
    }

    private static List<Long> bits(Tensor tensor) {
        List<Long> bits = new ArrayList<>();
        for (double value : tensor.toDoubles()) {
            bits.add(Double.doubleToRawLongBits(value));
        }
        return bits;
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aRunOnBytesIsTheRunOnNumbers(boolean remote) {
        Dataset images = GeneratedImages.train(1, SIZE);
        List<Double> bytes = losses(images, remote);
        assertThat(bytes).isEqualTo(losses(new Normalised(images), remote)).doesNotHaveDuplicates();
    }

    private static List<Double> losses(Dataset data, boolean remote) {
        List<Double> losses = new ArrayList<>();
        try (Session session = session("cpu-vector", remote, DType.FLOAT32);
                Model model = Model.create(
                        session,
                        new Sequential(
                                new Conv2d(3, 4, 3).padding(1),
                                new GlobalAvgPool2d(),
                                new Flatten(),
                                new Linear(4, 10)),
                        1)) {
            Trainer trainer =
                    Trainer.classifier(model, new Sgd(0.1), Loss.crossEntropy()).build();
            for (int epoch = 1; epoch <= 3; epoch++) {
                losses.add(trainer.fit(loader(data, true), epoch).get(0).loss());
            }
            losses.add(trainer.evaluate(loader(data, false)).loss());
        }
        return losses;
    }

    /** What goes to the device, and what waits for it on the host, is a quarter of what the numbers would be. */
    @Test
    void bytesTakeAQuarter() {
        Dataset images = GeneratedImages.train(1, SIZE);
        long numbers = uploaded(new Normalised(images), false);
        assertThat(numbers).isEqualTo(BATCH * 3072L * Float.BYTES);
        // Beside the bytes, means and deviations; of cropped images, which rows and columns are their own.
        assertThat(uploaded(images, false)).isEqualTo(BATCH * 3072L + 6 * Float.BYTES);
        assertThat(uploaded(images, true)).isEqualTo(BATCH * (3072L + 32 + 96) + 6 * Float.BYTES);
        try (BatchIterator batches = loader(images, false).epoch(0)) {
            assertThat(batches.next().bytes(0)).hasSize(BATCH * 3072);
        }
    }

    private static long uploaded(Dataset data, boolean augmented) {
        Remote remote = new Remote("cpu-scalar");
        try (Session session = Session.of(remote.backend(), DType.FLOAT32);
                BatchIterator batches = loader(data, augmented).epoch(0)) {
            write(session, batches.next());
            return remote.uploaded;
        }
    }

    @Test
    void theLoaderNormalisesWhatTheDatasetDoesNot() {
        byte[][][][] images = new byte[2][1][2][2];
        images[1][0][1][0] = (byte) 255;
        DataLoader loader = DataLoader.of(ArrayDataset.of(images, new int[] {0, 1}), 2)
                .normalize("input", ChannelNormalization.scaling(1))
                .build();
        try (Session session = session("cpu-vector", true, DType.FLOAT32);
                BatchIterator batches = loader.epoch(0)) {
            assertThat(write(session, batches.next()).toFloats()).containsExactly(0, 0, 0, 0, 0, 0, 1, 0);
        }
        assertThat(loader.description().settings().get("fields")).contains("normalised by mean [0.0] std [1.0]");
    }
}
