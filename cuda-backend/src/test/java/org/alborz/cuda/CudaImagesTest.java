package org.alborz.cuda;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.alborz.backend.MemoryStatistics;
import org.alborz.data.Batch;
import org.alborz.data.BatchIterator;
import org.alborz.data.DataLoader;
import org.alborz.data.GeneratedImages;
import org.alborz.data.RandomCrop;
import org.alborz.data.RandomHorizontalFlip;
import org.alborz.nn.BatchTensors;
import org.alborz.tensor.Scope;
import org.alborz.tensor.Session;
import org.alborz.tensor.Tensor;
import org.alborz.train.Batches;
import org.alborz.train.DeviceImages;
import org.alborz.type.DType;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Images go to the device as bytes, and become the numbers there that the host would have made of them. */
final class CudaImagesTest {
    @AfterEach
    void nothingIsLeft() {
        assertThat(SoftwareGpu.device().leaks()).isEmpty();
    }

    /** A batch of the images that the device keeps needs nothing from the host. */
    @Test
    void theDeviceGathersAsTheLoaderDoes() {
        for (RandomCrop crop : new RandomCrop[] {new RandomCrop(4), new RandomCrop(4).reflecting()}) {
            DataLoader loader = DataLoader.of(GeneratedImages.train(1, 10), 4)
                    .shuffle(true)
                    .transform(crop)
                    .transform(new RandomHorizontalFlip())
                    .build();
            CudaBackend backend = SoftwareGpu.open();
            try (Session session = Session.of(backend, DType.FLOAT32);
                    DeviceImages kept = DeviceImages.of(session, loader);
                    BatchIterator batches = loader.epoch(3)) {
                kept.begin(3);
                for (int i = 0; i < loader.batchesPerEpoch(); i++) {
                    BatchTensors expected = Batches.upload(session, batches.next());
                    List<String> works = new ArrayList<>();
                    backend.observe(work -> works.add(work.name()));
                    BatchTensors actual = kept.batch(i);
                    backend.observe(null);
                    assertThat(works).startsWith("gather_images").doesNotContain("upload", "download");
                    for (int field = 0; field < 2; field++) {
                        assertThat(actual.get(field).toDoubles())
                                .isEqualTo(expected.get(field).toDoubles());
                    }
                }
            }
        }
    }

    @Test
    void theDeviceNormalisesAsTheHostDoes() {
        DataLoader loader = DataLoader.of(GeneratedImages.train(1, 12), 6)
                .transform(new RandomCrop(4))
                .transform(new RandomHorizontalFlip())
                .build();
        try (Session session = Session.of(SoftwareGpu.open(), DType.FLOAT32);
                BatchIterator batches = loader.epoch(0)) {
            assertThat(session.backend().isHostMemory()).isFalse();
            for (Batch batch = batches.next(); batch != null; batch = batches.next()) {
                Tensor images = session.empty(DType.FLOAT32, batch.layout(0));
                Batches.write(session, batch, 0, images);
                for (int n = 0; n < batch.size(); n++) {
                    float[] pixels = images.permute(0, 2, 3, 1).narrow(0, n, 1).toFloats();
                    assertThat(pixels).isEqualTo(batch.normalized(0, n));
                }
            }
        }
    }

    /**
     * Images of 98 KB are copied beside the work on the device, which is deferred here: nothing has run when the next batch is uploaded, unless it waits for that. The statistics of the
     * channels are uploaded with the first batch.
     */
    @Test
    void uploadsBesideTheWorkArriveBeforeTheyAreRead() {
        DataLoader loader = DataLoader.of(GeneratedImages.train(1, 32 * 5), 32).build();
        CudaBackend backend = SoftwareGpu.open();
        SoftwareGpu.device().deferred(true);
        List<List<String>> works = new ArrayList<>();
        try (Session session = Session.of(backend, DType.FLOAT32);
                Scope scope = session.scope("batches");
                BatchIterator batches = loader.epoch(0)) {
            List<float[]> expected = new ArrayList<>();
            List<Tensor> actual = new ArrayList<>();
            MemoryStatistics second = null;
            for (Batch batch = batches.next(); batch != null; batch = batches.next()) {
                expected.add(batch.normalized(0, 0, batch.size()).clone());
                Tensor images = session.empty(DType.FLOAT32, batch.layout(0));
                List<String> own = new ArrayList<>();
                backend.observe(work -> own.add(work.name()));
                Batches.write(session, batch, 0, images);
                backend.observe(null);
                works.add(own);
                actual.add(images);
                second = batch.index() == 1 ? session.memory() : second;
            }
            assertThat(session.memory().pooled()).isEqualTo(second.pooled());
            assertThat(works.get(0)).containsExactlyInAnyOrder("upload", "upload", "normalize_pixels");
            assertThat(works.subList(1, 5)).containsOnly(List.of("upload", "normalize_pixels"));
            for (int i = 0; i < 5; i++) {
                assertThat(actual.get(i).permute(0, 2, 3, 1).toFloats())
                        .as("batch %d", i)
                        .isEqualTo(Arrays.copyOf(expected.get(i), 32 * 3 * 32 * 32));
            }
        }
    }
}
