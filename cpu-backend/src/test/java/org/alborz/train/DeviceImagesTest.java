package org.alborz.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.alborz.data.AlternatingFlip;
import org.alborz.data.ArrayDataset;
import org.alborz.data.Batch;
import org.alborz.data.BatchIterator;
import org.alborz.data.ColorJitter;
import org.alborz.data.DataLoader;
import org.alborz.data.GeneratedImages;
import org.alborz.data.ImageMoves;
import org.alborz.data.RandomCrop;
import org.alborz.data.RandomHorizontalFlip;
import org.alborz.data.Sampler;
import org.alborz.data.Transform;
import org.alborz.data.WeightedSampler;
import org.alborz.nn.BatchTensors;
import org.alborz.random.RandomStream;
import org.alborz.tensor.Scope;
import org.alborz.tensor.Session;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Batches of images that the backend keeps have the bits of the loader's. */
final class DeviceImagesTest {
    private static DataLoader loader(UnaryOperator<DataLoader.Builder> settings, Transform... transforms) {
        DataLoader.Builder builder =
                settings.apply(DataLoader.of(GeneratedImages.train(3, 11), 4).seed(5));
        Stream.of(transforms).forEach(builder::transform);
        return builder.build();
    }

    private static List<DataLoader> loaders() {
        Transform crop = new RandomCrop(4);
        Transform reflecting = new RandomCrop(5).reflecting();
        Transform flip = new RandomHorizontalFlip();
        Transform alternating = new AlternatingFlip(3);
        return List.of(
                loader(b -> b),
                loader(b -> b.shuffle(true), crop, flip),
                loader(b -> b.shuffle(true), flip, crop),
                loader(b -> b, flip, reflecting, flip),
                loader(b -> b.dropLast(true), reflecting),
                loader(b -> b.shuffle(true), alternating, reflecting),
                loader(b -> b.shuffle(true), crop, alternating, flip),
                loader(
                        b -> b.sampler(new WeightedSampler(new double[] {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11}, 10, true)),
                        crop));
    }

    @ParameterizedTest
    @ValueSource(strings = {"cpu-scalar", "cpu-vector"})
    void haveTheBitsOfTheLoader(String backend) {
        try (Session session = Session.open(backend)) {
            for (DataLoader loader : loaders()) {
                try (DeviceImages images = DeviceImages.of(session, loader)) {
                    for (int epoch = 0; epoch < 2; epoch++) {
                        images.begin(epoch);
                        requireSame(session, loader, images, epoch);
                    }
                }
                assertThat(session.memory().used()).isZero();
            }
        }
    }

    private static void requireSame(Session session, DataLoader loader, DeviceImages images, int epoch) {
        try (BatchIterator batches = loader.epoch(epoch)) {
            int number = 0;
            for (Batch batch = batches.next(); batch != null; batch = batches.next()) {
                try (Scope scope = session.scope("batch")) {
                    BatchTensors expected = Batches.upload(session, batch);
                    BatchTensors actual = images.batch(number);
                    assertThat(actual.size()).isEqualTo(batch.size());
                    assertThat(actual.names()).isEqualTo(expected.names());
                    for (int i = 0; i < expected.fields(); i++) {
                        assertThat(actual.get(i).layout())
                                .isEqualTo(expected.get(i).layout());
                        assertThat(actual.get(i).toDoubles())
                                .as("batch %d, %s", number, loader.description())
                                .isEqualTo(expected.get(i).toDoubles());
                    }
                }
                number++;
            }
            assertThat(number).isEqualTo(loader.batchesPerEpoch());
        }
    }

    /** Draws 4 samples, but in the second epoch fewer than it says. */
    private static final class FailingSampler implements Sampler {
        private boolean drawn;

        @Override
        public int samples(int size) {
            return 4;
        }

        @Override
        public int[] draw(int size, RandomStream random) {
            int[] indices = new int[drawn ? 3 : 4];
            drawn = true;
            return indices;
        }
    }

    @Test
    void anEpochThatCouldNotBeginHasNoBatches() {
        try (Session session = Session.open("cpu-scalar");
                DeviceImages images = DeviceImages.of(session, loader(b -> b.sampler(new FailingSampler())))) {
            images.begin(0);
            assertThatThrownBy(() -> images.begin(1)).hasMessageContaining("got 3");
            assertThatThrownBy(() -> images.batch(0))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("call begin(epoch) first");
        }
    }

    @Test
    void otherLoadersAreRefused() {
        try (Session session = Session.open("cpu-scalar")) {
            assertThatThrownBy(() -> DeviceImages.of(null, loader(b -> b)))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("DeviceImages expects a session, got null");
            assertThatThrownBy(() -> DeviceImages.of(session, null))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("DeviceImages expects a data loader, got null");
            assertThatThrownBy(() -> ImageMoves.of(null))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("ImageMoves expects a data loader, got null");
            assertThatThrownBy(() -> DeviceImages.of(session, loader(b -> b, new ColorJitter(0.1, 0.1, 0.1, 0))))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("at most one RandomCrop");
            assertThatThrownBy(() -> DeviceImages.of(session, loader(b -> b, new RandomCrop(1), new RandomCrop(1))))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("at most one RandomCrop");
            assertThatThrownBy(() -> DeviceImages.of(session, loader(b -> b, new RandomCrop(32))))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("larger than its padding");
            DataLoader numbers = DataLoader.of(ArrayDataset.of(new float[][] {{1, 2}, {3, 4}}, new int[2]), 1)
                    .build();
            assertThatThrownBy(() -> DeviceImages.of(session, numbers))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("normalised uint8");
            try (DeviceImages images = DeviceImages.of(session, loader(b -> b))) {
                assertThatThrownBy(() -> images.batch(0)).isInstanceOf(IllegalStateException.class);
                images.begin(0);
                assertThatThrownBy(() -> images.batch(3)).isInstanceOf(IllegalArgumentException.class);
            }
            assertThat(session.memory().used()).isZero();
        }
    }
}
