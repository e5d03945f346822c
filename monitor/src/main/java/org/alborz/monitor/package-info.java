/** Shows how a training goes: TensorBoard's event files, and a report as a web page. */
package org.alborz.monitor;
