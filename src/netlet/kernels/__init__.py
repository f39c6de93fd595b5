"""The mathematics: layers, losses, update rules, element functions, random numbers. Arrays in, arrays out."""
