package org.alborz.examples.drawing;

import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Font;
import java.awt.Graphics2D;
import java.awt.geom.Rectangle2D;
import org.knowm.xchart.style.AxesChartStyler;
import org.knowm.xchart.style.Styler.LegendPosition;
import org.knowm.xchart.style.markers.Marker;
import org.knowm.xchart.style.markers.SeriesMarkers;

/** The look that all plots share: series differ by their grey, dashes and markers as well as by colour. */
final class Style {
    static final Font FONT = new Font(Font.SANS_SERIF, Font.PLAIN, 13);

    static final Color BACKGROUND = new Color(0xaaaaaa);
    static final BasicStroke THIN = new BasicStroke(1);

    /** A mark of three pixels, whatever the size of the others. */
    static final Marker DOT = new Marker() {
        @Override
        public void paint(Graphics2D graphics, double x, double y, int size) {
            graphics.fill(new Rectangle2D.Double(x - 1.5, y - 1.5, 3, 3));
        }
    };

    private static final Color[] COLOURS = {
        new Color(0x0b3c7d),
        new Color(0xd1622b),
        new Color(0x3f8f5f),
        new Color(0x8f3a84),
        new Color(0x777777),
        new Color(0xb8860b)
    };
    private static final float[][] DASHES = {null, {8, 4}, {2, 3}, {10, 3, 2, 3}, {14, 5}, {4, 2}};
    private static final Marker[] MARKERS = {
        SeriesMarkers.CIRCLE,
        SeriesMarkers.SQUARE,
        SeriesMarkers.TRIANGLE_UP,
        SeriesMarkers.DIAMOND,
        SeriesMarkers.CROSS,
        SeriesMarkers.PLUS
    };

    private Style() {}

    static Color colour(int series) {
        return COLOURS[series % COLOURS.length];
    }

    static BasicStroke stroke(int series) {
        float[] dashes = DASHES[series % DASHES.length];
        return new BasicStroke(2, BasicStroke.CAP_BUTT, BasicStroke.JOIN_ROUND, 10, dashes, 0);
    }

    static Marker marker(int series) {
        return MARKERS[series % MARKERS.length];
    }

    static void apply(AxesChartStyler styler) {
        styler.setChartBackgroundColor(Color.WHITE)
                .setPlotBackgroundColor(Color.WHITE)
                .setChartTitleFont(FONT.deriveFont(Font.BOLD, 15))
                .setLegendFont(FONT)
                .setLegendPosition(LegendPosition.OutsideE);
        styler.setAxisTitleFont(FONT);
        styler.setAxisTickLabelsFont(FONT);
        styler.setMarkerSize(6);
        styler.setDecimalPattern("#,##0.######");
        styler.setXAxisTickMarkSpacingHint(90);
        styler.setPlotGridLinesColor(new Color(0xdddddd));
    }
}
