package org.alborz.examples.lessons;

import java.awt.image.BufferedImage;
import java.util.List;
import org.alborz.examples.drawing.ImageGrid;
import org.alborz.explain.NearestNeighbours;
import org.alborz.explain.NearestNeighbours.Distance;
import org.alborz.explain.NearestNeighbours.Neighbour;
import org.alborz.tensor.Tensor;

/**
 * Classifies by the nearest images: training is keeping them, and prediction is looking at all of them.
 *
 * @param train the images that are kept
 */
record NearestNeighbourClassifier(Pixels train, Distance distance) {
    private static final int CLASSES = 10;

    /** Returns the k nearest training images of each image [N, D], the nearest first. */
    Neighbour[][] find(Tensor images, int k) {
        try (NearestNeighbours neighbours = NearestNeighbours.of(train.images(), distance)) {
            return neighbours.find(images, k);
        }
    }

    /** Returns for each image the most frequent class of its k nearest; of equally frequent ones the first. */
    int[] vote(Neighbour[][] found, int k) {
        int[] predicted = new int[found.length];
        for (int i = 0; i < found.length; i++) {
            int[] votes = new int[CLASSES];
            for (int j = 0; j < Math.min(k, found[i].length); j++) {
                votes[train.classes()[found[i][j].index()]]++;
            }
            for (int c = 1; c < CLASSES; c++) {
                predicted[i] = votes[c] > votes[predicted[i]] ? c : predicted[i];
            }
        }
        return predicted;
    }

    /** Draws some images, each in a row with its nearest. */
    BufferedImage picture(Pixels images, Neighbour[][] found, List<String> names) {
        ImageGrid grid = new ImageGrid(9, 2);
        for (int i = 0; i < 6; i++) {
            grid.add(names.get(images.classes()[i]) + "?", images.image(i), Pixels.SIDE, Pixels.SIDE, 0, 255);
            for (int j = 0; j < 8; j++) {
                int index = found[i][j].index();
                grid.add(names.get(train.classes()[index]), train.image(index), Pixels.SIDE, Pixels.SIDE, 0, 255);
            }
        }
        return grid.draw();
    }
}
