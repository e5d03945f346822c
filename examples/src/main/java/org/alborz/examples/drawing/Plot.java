package org.alborz.examples.drawing;

import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.util.Arrays;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYChartBuilder;
import org.knowm.xchart.XYSeries;
import org.knowm.xchart.XYSeries.XYSeriesRenderStyle;
import org.knowm.xchart.style.markers.SeriesMarkers;

/** Lines and points over two axes. */
public final class Plot {
    private static final int MARKED = 12;

    private final XYChart chart;
    private int series;
    private int backgrounds;
    private int width = 720;
    private int height = 440;

    /**
     * Begins a plot, of 720 × 440 pixels unless {@link #size} says otherwise.
     *
     * @throws IllegalStateException where this Java has no fonts
     */
    public Plot(String title, String xAxis, String yAxis) {
        Fonts.require();
        chart = new XYChartBuilder()
                .title(title)
                .xAxisTitle(xAxis)
                .yAxisTitle(yAxis)
                .build();
        Style.apply(chart.getStyler());
    }

    /** Sets the size in pixels. */
    public Plot size(int width, int height) {
        this.width = width;
        this.height = height;
        return this;
    }

    /** Sets what both axes show, in place of all points. */
    public Plot range(double xLeast, double xMost, double yLeast, double yMost) {
        chart.getStyler()
                .setXAxisMin(xLeast)
                .setXAxisMax(xMost)
                .setYAxisMin(yLeast)
                .setYAxisMax(yMost);
        return this;
    }

    /** Makes the y axis logarithmic; all its numbers have to be positive. */
    public Plot logarithmic() {
        chart.getStyler().setYAxisLogarithmic(true);
        chart.getStyler().setYAxisDecimalPattern("0.#E0");
        return this;
    }

    /** Adds a line through points; NaN in {@code y} is a gap. */
    public Plot line(String name, double[] x, double[] y) {
        XYSeries added = chart.addSeries(name, unevenly(x), y);
        added.setMarker(SeriesMarkers.NONE);
        added.setLineColor(Style.colour(series));
        added.setLineStyle(Style.stroke(series));
        series++;
        return this;
    }

    /** Adds a thin grey line that the legend does not name, such as a contour; NaN in {@code y} is a gap. */
    public Plot background(double[] x, double[] y) {
        XYSeries added = chart.addSeries("background " + ++backgrounds, x, y);
        added.setMarker(SeriesMarkers.NONE);
        added.setLineColor(Style.BACKGROUND);
        added.setLineStyle(Style.THIN);
        added.setShowInLegend(false);
        return this;
    }

    /** Moves the last of many numbers a little: XChart puts marks at numbers that are equally spaced, round or not, as many as fit. */
    private static double[] unevenly(double... x) {
        double[] moved = x.clone();
        int last = x.length - 1;
        if (last >= MARKED) {
            moved[last] += 0.01 * (x[last] - x[last - 1]);
        }
        return moved;
    }

    /** Adds a line over 0, 1, 2 and so on. */
    public Plot line(String name, double... y) {
        double[] x = new double[y.length];
        for (int i = 0; i < x.length; i++) {
            x[i] = i;
        }
        return line(name, x, y);
    }

    /** Adds points that no line joins. */
    public Plot points(String name, double[] x, double[] y) {
        XYSeries added = chart.addSeries(name, x, y);
        added.setXYSeriesRenderStyle(XYSeriesRenderStyle.Scatter);
        added.setMarker(Style.marker(series));
        added.setMarkerColor(Style.colour(series));
        series++;
        return this;
    }

    /** Adds points over 0, 1, 2 and so on. */
    public Plot points(String name, double... y) {
        double[] x = new double[y.length];
        Arrays.setAll(x, i -> i);
        return points(name, x, y);
    }

    /** Adds many small black points, close to each other where they are to look like a line. */
    public Plot dots(String name, double[] x, double[] y) {
        XYSeries added = chart.addSeries(name, x, y);
        added.setXYSeriesRenderStyle(XYSeriesRenderStyle.Scatter);
        added.setMarker(Style.DOT);
        added.setMarkerColor(Color.BLACK);
        series++;
        return this;
    }

    /** Draws it, with a legend where there is more than one series. */
    public BufferedImage draw() {
        chart.getStyler().setLegendVisible(series > 1);
        BufferedImage image = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
        Graphics2D graphics = image.createGraphics();
        chart.paint(graphics, width, height);
        graphics.dispose();
        return image;
    }
}
