"""Measures what AuthPage costs, side by side in one run, so that figures are ratios."""
