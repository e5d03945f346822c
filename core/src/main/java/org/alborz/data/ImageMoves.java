package org.alborz.data;

import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.alborz.backend.ImageGather;
import org.alborz.random.RandomStream;
import org.alborz.text.Given;
import org.alborz.type.DType;

/**
 * Where a loader's random crop and flip take each image of an epoch from, decided without the images: the same random numbers and places as in the
 * loader's batches, for a backend that has the images itself.
 */
public final class ImageMoves {
    private final DataLoader loader;

    /** Null where images are not cropped. */
    private final RandomCrop crop;

    private ImageMoves(DataLoader loader, RandomCrop crop) {
        this.loader = loader;
        this.crop = crop;
    }

    /**
     * Takes a loader whose field 0 is images of normalised bytes, with at most one {@link RandomCrop} and any {@link RandomHorizontalFlip} or
     * {@link AlternatingFlip} of that field as transforms.
     *
     * @throws IllegalArgumentException for any other loader
     */
    public static ImageMoves of(DataLoader loader) {
        refuses(Given.value(loader, "ImageMoves", "a data loader")).ifPresent(reason -> {
            throw new IllegalArgumentException(reason);
        });
        return new ImageMoves(loader, crops(loader).findFirst().orElse(null));
    }

    /** Returns why a loader's images cannot be moved without their values, or nothing where they can. */
    public static Optional<String> refuses(DataLoader loader) {
        Field images = loader.sampleFields().get(0);
        if (!images.isNormalized() || images.type() != DType.UINT8 || loader.collation() != null) {
            return Optional.of(
                    "Images on the device are expected as normalised uint8 in field 0 of stacked samples, got "
                            + loader.fields() + "; call normalize(field, …) and leave out collation");
        }
        boolean moved = loader.transform().transforms().stream()
                .map(ImageMoves::moved)
                .allMatch(names -> names != null && (names.isEmpty() || names.equals(List.of(images.name()))));
        if (!moved || crops(loader).count() > 1) {
            return Optional.of(
                    "Images on the device are moved by at most one RandomCrop, and by RandomHorizontalFlip or"
                            + " AlternatingFlip, of field 0 alone, got " + loader.transform());
        }
        return crops(loader).findFirst().flatMap(crop -> crop.refuses(images));
    }

    private static Stream<RandomCrop> crops(DataLoader loader) {
        return loader.transform().transforms().stream()
                .filter(RandomCrop.class::isInstance)
                .map(RandomCrop.class::cast);
    }

    /** Returns the names of the fields that a transform moves, or null for one that needs their values. */
    private static List<String> moved(Transform transform) {
        if (transform instanceof RandomCrop cropping) {
            return cropping.fields();
        }
        if (transform instanceof RandomHorizontalFlip flipping) {
            return flipping.fields();
        }
        return transform instanceof AlternatingFlip alternating ? alternating.fields() : null;
    }

    /** Tells whether a cropped image's padding is the image mirrored, and not zeros. */
    public boolean reflects() {
        return crop != null && crop.reflects();
    }

    /** Returns the moves of an epoch's samples in their order, {@link ImageGather#MOVE} numbers each. */
    public int[] epoch(int epoch) {
        int[] order = loader.order(epoch);
        int[] moves = new int[ImageGather.MOVE * order.length];
        RandomStream random = SampleReader.augmentation(loader, epoch);
        for (int place = 0; place < order.length; place++) {
            SampleReader.seek(random, loader.isSampled(), order[place], place);
            int down = 0;
            int right = 0;
            boolean mirrored = false;
            for (Transform transform : loader.transform().transforms()) {
                if (transform instanceof RandomCrop cropping) {
                    down = cropping.draw(random);
                    right = cropping.draw(random);
                    right = mirrored ? -right : right; // of mirrored columns, to the other side
                } else if (transform instanceof RandomHorizontalFlip flipping) {
                    mirrored ^= flipping.draw(random);
                } else if (transform instanceof AlternatingFlip alternating) {
                    mirrored ^= alternating.mirrors(order[place], epoch);
                }
            }
            int at = ImageGather.MOVE * place;
            moves[at] = order[place];
            moves[at + 1] = down;
            moves[at + 2] = right;
            moves[at + 3] = mirrored ? 1 : 0;
        }
        return moves;
    }
}
