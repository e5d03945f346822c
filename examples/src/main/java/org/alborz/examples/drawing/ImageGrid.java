package org.alborz.examples.drawing;

import java.awt.Color;
import java.awt.Font;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.font.FontRenderContext;
import java.awt.image.BufferedImage;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Small images in rows, each with a caption below. */
public final class ImageGrid {
    private static final int GAP = 6;
    private static final int CAPTION = 20;
    private static final Font CAPTION_FONT = Style.FONT.deriveFont(12f);

    private final int columns;
    private final int scale;
    private final List<BufferedImage> images = new ArrayList<>();
    private final List<String> captions = new ArrayList<>();

    /**
     * Begins a grid.
     *
     * @param columns images beside each other
     * @param scale pixels of the picture for each pixel of an image
     */
    public ImageGrid(int columns, int scale) {
        this.columns = columns;
        this.scale = scale;
    }

    /** Adds an image with the caption, which may be empty. */
    public ImageGrid add(String caption, BufferedImage image) {
        images.add(image);
        captions.add(caption);
        return this;
    }

    /**
     * Adds an image of numbers, the smallest of which is drawn black and the largest white.
     *
     * @param values of [C, height, width] with one channel or three
     */
    public ImageGrid add(String caption, float[] values, int height, int width) {
        float low = Float.POSITIVE_INFINITY;
        float high = Float.NEGATIVE_INFINITY;
        for (float value : values) {
            low = Math.min(low, value);
            high = Math.max(high, value);
        }
        return add(caption, values, height, width, low, high);
    }

    /**
     * Adds images of one channel, without captions, each with black and white of its own.
     *
     * @param values one image after another
     */
    public ImageGrid addEach(float[] values, int height, int width) {
        int area = height * width;
        for (int from = 0; from + area <= values.length; from += area) {
            add("", Arrays.copyOfRange(values, from, from + area), height, width);
        }
        return this;
    }

    /** As the other, with the numbers that are drawn black and white. */
    public ImageGrid add(String caption, float[] values, int height, int width, float black, float white) {
        int area = height * width;
        if (values.length != area && values.length != 3 * area) {
            throw new IllegalArgumentException("expected one or three channels of " + height + " x " + width + ", got "
                    + values.length + " numbers.");
        }
        BufferedImage image = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
        for (int i = 0; i < area; i++) {
            int rgb = 0;
            for (int c = 0; c < 3; c++) {
                float value = values[values.length == area ? i : c * area + i];
                float share = white > black ? (value - black) / (white - black) : 0.5f;
                rgb = rgb << 8 | Math.round(255 * Math.max(0, Math.min(1, share)));
            }
            image.setRGB(i % width, i / width, rgb);
        }
        return add(caption, image);
    }

    /** Draws it; an empty grid is one white pixel. */
    public BufferedImage draw() {
        Fonts.require();
        int width = 1;
        int height = 1;
        for (BufferedImage image : images) {
            width = Math.max(width, image.getWidth() * scale);
            height = Math.max(height, image.getHeight() * scale);
        }
        boolean hasCaptions = captions.stream().anyMatch(caption -> !caption.isEmpty());
        int cellWidth = Math.max(width, widestCaption()) + GAP;
        int cellHeight = height + GAP + (hasCaptions ? CAPTION : 0);
        int rows = (images.size() + columns - 1) / columns;
        BufferedImage picture = new BufferedImage(
                Math.max(1, columns * cellWidth + GAP),
                Math.max(1, rows * cellHeight + GAP),
                BufferedImage.TYPE_INT_RGB);
        Graphics2D graphics = picture.createGraphics();
        graphics.setColor(Color.WHITE);
        graphics.fillRect(0, 0, picture.getWidth(), picture.getHeight());
        graphics.setFont(CAPTION_FONT);
        graphics.setRenderingHint(RenderingHints.KEY_TEXT_ANTIALIASING, RenderingHints.VALUE_TEXT_ANTIALIAS_ON);
        for (int i = 0; i < images.size(); i++) {
            BufferedImage image = images.get(i);
            int x = GAP + i % columns * cellWidth;
            int y = GAP + i / columns * cellHeight;
            graphics.drawImage(image, x, y, image.getWidth() * scale, image.getHeight() * scale, null);
            graphics.setColor(Color.BLACK);
            graphics.drawRect(x - 1, y - 1, image.getWidth() * scale + 1, image.getHeight() * scale + 1);
            graphics.drawString(captions.get(i), x, y + height + CAPTION - 5);
        }
        graphics.dispose();
        return picture;
    }

    private int widestCaption() {
        FontRenderContext context = new FontRenderContext(null, true, true);
        return captions.stream()
                .filter(caption -> !caption.isEmpty())
                .mapToInt(caption -> (int)
                        Math.ceil(CAPTION_FONT.getStringBounds(caption, context).getWidth()))
                .max()
                .orElse(0);
    }
}
