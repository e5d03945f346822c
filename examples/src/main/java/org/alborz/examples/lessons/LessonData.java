package org.alborz.examples.lessons;

import java.nio.file.Path;
import org.alborz.data.Cifar10;
import org.alborz.data.Dataset;
import org.alborz.data.GeneratedImages;
import org.alborz.data.Subset;

/** The images of the course: CIFAR-10 where its folder was named, else generated images of the same size and number of classes. */
public final class LessonData {
    private final Path cifar10;
    private final long seed;

    LessonData(Path cifar10, long seed) {
        this.cifar10 = cifar10;
        this.seed = seed;
    }

    /** Tells whether the images are CIFAR-10's. */
    public boolean isCifar10() {
        return cifar10 != null;
    }

    /** Returns the first images for training, of [3, 32, 32] in ten classes. */
    public Dataset train(int size) {
        return isCifar10() ? Subset.first(Cifar10.train(cifar10), size) : GeneratedImages.train(seed, size);
    }

    /** Returns the first images for tests. */
    public Dataset test(int size) {
        return isCifar10() ? Subset.first(Cifar10.test(cifar10), size) : GeneratedImages.test(seed, size);
    }
}
